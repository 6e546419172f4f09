//! People who can sign in. `roles` are words with one space between them.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    disabled_at BIGINT
) {strict};";

/// The table `users`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE users;".to_owned())
}
