//! Answers to requests with an `Idempotency-Key`, given again to whoever repeats the request, until they expire.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE kept_answers (
    caller TEXT NOT NULL,
    path TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT NOT NULL,
    body BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (caller, path, idempotency_key)
) {keyed};
CREATE INDEX kept_answers_by_expiry ON kept_answers (expires_at);";

/// The table `kept_answers`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE kept_answers;".to_owned())
}
