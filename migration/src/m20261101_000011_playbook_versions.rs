//! Every version of a playbook that was ever in force, by the digest of its content. Versions are only added: plans refer to them.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE playbook_versions (
    digest TEXT NOT NULL PRIMARY KEY,
    playbook_id TEXT NOT NULL,
    document TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('shipped', 'folder', 'upload')),
    author TEXT REFERENCES users (id),
    created_at BIGINT NOT NULL
) {keyed};
CREATE INDEX playbook_versions_by_playbook ON playbook_versions (playbook_id, created_at);";

/// The table `playbook_versions`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE playbook_versions;".to_owned())
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLES) + &dialect.add_only("playbook_versions", &["digest"])
}
