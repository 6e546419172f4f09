//! No two API keys in force have one name, also when two are made at the same moment. Should there be such keys already, the later ones
//! get their public part added to their name.

use crate::change::Change;

const UP: &str = "
UPDATE api_keys SET name = substr(name, 1, 53) || '.' || prefix WHERE revoked_at IS NULL AND EXISTS (
    SELECT 1 FROM api_keys AS earlier
    WHERE earlier.name = api_keys.name AND earlier.revoked_at IS NULL AND earlier.id < api_keys.id);
CREATE UNIQUE INDEX api_keys_in_force ON api_keys (name) WHERE revoked_at IS NULL;";

/// The index `api_keys_in_force`. Taking it back leaves the names as they are.
pub fn change() -> Change {
    Change::new(module_path!(), |_| UP.to_owned(), |_| "DROP INDEX api_keys_in_force;".to_owned())
}
