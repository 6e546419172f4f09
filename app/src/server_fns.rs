//! The server functions: each takes the backend and the caller of the request, calls one ability, and replies. They are
//! the browser's own door, not a promise to others; that is the REST API.

pub mod alerts;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod health;
pub mod incidents;
pub mod overview;
pub mod playbooks;
pub mod runs;
pub mod saved_views;
pub mod session;
pub mod sessions;
pub mod users;
