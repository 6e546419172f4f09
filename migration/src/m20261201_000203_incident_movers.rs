//! The people who moved an incident by hand: they contribute to the plans of playbooks that read where it stands. Rows are only added.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE incident_movers (
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (incident_id, user_id)
) {keyed};
";

/// The table `incident_movers`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE incident_movers;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES) + &dialect.add_only("incident_movers", &["incident_id, user_id"])
}
