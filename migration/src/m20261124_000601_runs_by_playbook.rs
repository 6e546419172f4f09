//! Finds the runs of one playbook, whatever its version, the newest first.

use crate::change::Change;

/// The index `runs_by_playbook`.
pub fn change() -> Change {
    Change::new(
        module_path!(),
        |_| "CREATE INDEX runs_by_playbook ON runs (playbook_id, id);".to_owned(),
        |_| "DROP INDEX runs_by_playbook;".to_owned(),
    )
}
