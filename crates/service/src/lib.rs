//! The use cases: load, ask the pure core, write the result with its audit entries in one transaction, announce it. Whoever asks
//! is checked here, once, whether they came by REST, by a page or by the command line.

pub mod accounts;
mod alerts;
mod answers;
mod api_keys;
mod approvals;
mod audit;
mod backfill;
mod changes;
mod checkpoints;
pub mod clock;
mod core;
pub mod crash_point;
mod error;
mod guard_watch;
mod health;
mod incidents;
mod jobs;
pub mod log_erasing;
mod log_key;
pub mod metrics;
mod notifications;
mod observation;
mod outbox_messages;
mod overview;
mod passwords;
mod people;
mod planning;
mod playbooks;
mod run_requests;
mod runs;
mod saved_views;
mod services;
mod sessions;
mod shelf;
mod tampering;
mod throttle;
mod timeline;
mod triage;
mod users;
mod views;
mod worker;

pub use error::ServiceError;
pub use log_key::{LogSigner, SigningKeys};
pub use services::{Parts, Services};
