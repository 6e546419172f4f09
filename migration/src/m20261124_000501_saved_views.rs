//! Lists of incidents that people keep under names: what they typed, and its order.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE saved_views (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    sort TEXT NOT NULL,
    sort_order TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
) {strict};";

/// The table `saved_views`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.tables(TABLES), |_| "DROP TABLE saved_views;".to_owned())
}
