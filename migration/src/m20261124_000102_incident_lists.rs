//! What lists of incidents need: an index for each way to sort them and for their assignee, and the observables that a row shows,
//! so that a list need not read the alerts.

use crate::change::Change;

const UP: &str = "
ALTER TABLE incidents ADD COLUMN entities TEXT NOT NULL DEFAULT '[]';
CREATE INDEX incidents_by_update ON incidents (updated_at, id);
CREATE INDEX incidents_by_score ON incidents (risk_score, id);
CREATE INDEX incidents_by_assignee ON incidents (assignee) WHERE assignee IS NOT NULL;";

const DOWN: &str = "
DROP INDEX incidents_by_assignee;
DROP INDEX incidents_by_score;
DROP INDEX incidents_by_update;
ALTER TABLE incidents DROP COLUMN entities;";

/// The column `entities` and the indexes of the lists.
pub fn change() -> Change {
    Change::new(module_path!(), |_| UP.to_owned(), |_| DOWN.to_owned())
}
