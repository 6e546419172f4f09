//! Who is behind a request: sessions, API keys, and the check that a write does not come from another site.

pub mod caller;
pub mod cross_origin;
pub mod network;
pub mod session;
pub mod session_store;
pub mod standing;
