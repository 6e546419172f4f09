//! Who made an API key, and whether they were an analyst then: what is posted with such a key counts as posted by hand. Of keys that are there
//! already the log says who made them, and their roles now stand for those of then.

use crate::change::Change;
use crate::dialect::Dialect;

const COLUMNS: &str = "
ALTER TABLE api_keys ADD COLUMN made_by TEXT;
ALTER TABLE api_keys ADD COLUMN by_hand BIGINT NOT NULL DEFAULT 0;
";

/// The columns `made_by` and `by_hand` of API keys.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| {
        "ALTER TABLE api_keys DROP COLUMN by_hand; ALTER TABLE api_keys DROP COLUMN made_by;".to_owned()
    })
}

fn up(dialect: Dialect) -> String {
    let target = dialect.in_json("e.leaf", &["target", "id"]);
    dialect.tables(COLUMNS)
        + &format!(
            "UPDATE api_keys SET made_by = (SELECT max(u.id) FROM audit_entries e JOIN users u ON u.id = e.actor_id
                WHERE e.action = 'API_KEY_CREATED' AND {target} = api_keys.id);
            UPDATE api_keys SET by_hand = 1 WHERE made_by IN (SELECT id FROM users WHERE ' ' || roles || ' ' LIKE '% analyst %');"
        )
}
