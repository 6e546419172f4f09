//! Plans: the canonical JSON that is signed and executed, by its digest. A plan is never changed or deleted.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE plans (
    digest TEXT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
) {keyed};
";

/// The table `plans`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE plans;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES) + &dialect.add_only("plans", &["digest"])
}
