//! Steps that are tried again or wait: when each is due, by the database's clock; and how taking one back went.

use crate::change::Change;

const UP: &str = "
ALTER TABLE run_steps ADD COLUMN due_at BIGINT;
ALTER TABLE run_steps ADD COLUMN undo TEXT CHECK (undo IN ('running', 'succeeded', 'failed', 'unknown'));
";

const DOWN: &str = "
ALTER TABLE run_steps DROP COLUMN undo;
ALTER TABLE run_steps DROP COLUMN due_at;
";

/// The columns `due_at` and `undo` of `run_steps`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect| dialect.tables(UP), |_| DOWN.to_owned())
}
