//! When a session was last used, from which block of addresses it began and in which browser: what a person recognises it by.

use crate::change::Change;

const ADDED: &str = "
ALTER TABLE sessions ADD COLUMN seen_at BIGINT;
ALTER TABLE sessions ADD COLUMN network TEXT;
ALTER TABLE sessions ADD COLUMN browser TEXT;";

const TAKEN_BACK: &str = "
ALTER TABLE sessions DROP COLUMN browser;
ALTER TABLE sessions DROP COLUMN network;
ALTER TABLE sessions DROP COLUMN seen_at;";

/// Three columns of `sessions`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect| dialect.tables(ADDED), |_| TAKEN_BACK.to_owned())
}
