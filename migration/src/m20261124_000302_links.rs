//! One-time links: a digest of the secret, never the secret. `user_id` is null for the link that makes the first admin.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE links (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id TEXT REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) {strict};
CREATE INDEX links_by_user ON links (user_id);";

/// The table `links`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE links;".to_owned())
}
