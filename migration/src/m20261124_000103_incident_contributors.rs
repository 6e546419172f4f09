//! The people who set an incident's verdict or title: they may not decide on what is asked for afterwards. Rows are only added.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE incident_contributors (
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (incident_id, user_id)
) {keyed};
";

/// The table `incident_contributors`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE incident_contributors;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES) + &dialect.add_only("incident_contributors", &["incident_id, user_id"])
}
