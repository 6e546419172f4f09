//! Browser sessions. `data` is whatever the server keeps in one; `user_id` lets all sessions of a person be ended at once.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) {strict};
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);";

/// The table `sessions`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE sessions;".to_owned())
}
