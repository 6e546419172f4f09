//! The connectors, one file each.

pub mod outbox;
pub mod simulated;
