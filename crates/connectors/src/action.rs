//! The connectors, one file each.

pub mod outbox;
pub mod own_record;
pub mod simulated;
