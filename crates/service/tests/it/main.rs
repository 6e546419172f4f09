//! The use cases over a real store and the connectors as they are shipped, with the worker stepped by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod database;
mod door;
mod office;

mod approvals;
mod automation;
mod cancelling;
mod containment;
mod crashes;
mod gates;
mod stale_plans;
mod tampering;
mod undoing;
