//! Finds the entries of one action or of one actor, the newest first, without a walk through the whole log.

use crate::change::Change;

const INDEXES: &str = "
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, seq) WHERE actor_id IS NOT NULL;";

/// The indexes `audit_entries_by_action` and `audit_entries_by_actor`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |_| INDEXES.to_owned(),
        |_| "DROP INDEX audit_entries_by_actor; DROP INDEX audit_entries_by_action;".to_owned(),
    )
}
