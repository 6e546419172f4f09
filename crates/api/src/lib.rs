//! What Countersign can do, as a page of types: the traits behind every door (REST, server functions, command line), their
//! requests and views, and the one error. No rule and no I/O lives here; it builds for the browser too.

pub mod alerts;
pub mod answers;
pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod backend;
pub mod changes;
pub mod creation;
pub mod error;
pub mod health;
pub mod incidents;
pub mod metrics;
pub mod overview;
pub mod page;
pub mod people;
pub mod playbooks;
pub mod problem;
pub mod runs;
pub mod saved_views;
pub mod sessions;
pub mod text;
pub mod users;
pub mod version;

pub use backend::{Abilities, Backend, Caller};
pub use creation::Creation;
pub use error::{ApiError, ProblemCode};
pub use page::{Page, PageRequest};
pub use problem::ProblemBody;
