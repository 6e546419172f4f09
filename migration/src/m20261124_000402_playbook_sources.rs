//! The text that a version of a playbook was written as, comments included; null for versions stored before this. And the way from
//! a playbook to its newest runs.

use crate::change::Change;

const UP: &str = "
ALTER TABLE playbook_versions ADD COLUMN source TEXT;
CREATE INDEX runs_by_playbook ON runs (playbook_id, id);
";

const DOWN: &str = "
DROP INDEX runs_by_playbook;
ALTER TABLE playbook_versions DROP COLUMN source;
";

/// The column `source` of `playbook_versions`, and the index `runs_by_playbook`.
pub fn change() -> Change {
    Change::new(module_path!(), |_| UP.to_owned(), |_| DOWN.to_owned())
}
