//! What incidents were before people changed them: whether a plan must be signed is judged by that too. Rows are only added. `merged_from` is the
//! incident that an alert came to its incident with, so that the first alert of an incident stays its first one.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE incident_past_facts (
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    position BIGINT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (incident_id, position)
) {keyed};
ALTER TABLE alerts ADD COLUMN merged_from BIGINT;
";

/// The table `incident_past_facts`, and the column `merged_from` of alerts.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "ALTER TABLE alerts DROP COLUMN merged_from; DROP TABLE incident_past_facts;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES) + &dialect.add_only("incident_past_facts", &["incident_id, position"])
}
