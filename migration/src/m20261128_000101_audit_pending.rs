//! Entries that are committed with their changes and have no place in the log yet: on PostgreSQL, where several replicas write at once. Whoever
//! numbers them takes them from here in order. On SQLite entries get their place in the transaction of their change.

use crate::change::Change;
use crate::dialect::Dialect;

const POSTGRES: &str = "
CREATE TABLE audit_pending (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    salt TEXT NOT NULL,
    draft TEXT NOT NULL
);
";

/// The table `audit_pending`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let guards = dialect.never_changed("audit_pending") + &dialect.never_truncated("audit_pending");
    dialect.either("", &(POSTGRES.to_owned() + &guards))
}

fn down(dialect: Dialect) -> String {
    dialect.either("", "DROP TABLE audit_pending;")
}
