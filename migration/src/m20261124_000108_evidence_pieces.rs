//! Finds the pieces of uploads that broke off without reading the bytes of all others.

use crate::change::Change;

/// The index `evidence_pieces_by_time`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |_| "CREATE INDEX evidence_pieces_by_time ON evidence_pieces (received_at, upload);".to_owned(),
        |_| "DROP INDEX evidence_pieces_by_time;".to_owned(),
    )
}
