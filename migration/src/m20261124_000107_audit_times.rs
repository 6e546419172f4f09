//! Finds where in the audit log a time lies.

use crate::change::Change;

/// The index `audit_entries_by_time`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |_| "CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);".to_owned(),
        |_| "DROP INDEX audit_entries_by_time;".to_owned(),
    )
}
