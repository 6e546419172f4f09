//! The Merkle tree over the audit log: the hashes of its complete subtrees, at their places in the order of Crosby and Wallach. The hash of an
//! entry itself is not kept beside it; it is made from the leaf. The hashes at the right edge stand in the head too: what appending asks for. How many entries are in the tree already stands in the head: a log from
//! before this change is brought in afterwards. Beside it the signed heads, and the keys that sign them: each from some size of the log on.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
ALTER TABLE audit_head ADD COLUMN tree_size BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_head ADD COLUMN edge BYTEA;
CREATE TABLE audit_nodes (
    position BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL
) {strict};
CREATE TABLE audit_checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    made_at BIGINT NOT NULL
) {strict};
CREATE TABLE audit_keys (
    since BIGINT NOT NULL PRIMARY KEY,
    verifier TEXT NOT NULL,
    added_at BIGINT NOT NULL
) {strict};
";

const SQLITE: &str = "
CREATE TRIGGER audit_head_tree BEFORE UPDATE ON audit_head WHEN NEW.tree_size < OLD.tree_size OR NEW.tree_size > NEW.size
BEGIN SELECT RAISE(ABORT, 'UPDATE of audit_head is refused: the tree only grows, and not over the log'); END;
";

const POSTGRES: &str = "
CREATE TRIGGER audit_head_tree BEFORE UPDATE ON audit_head FOR EACH ROW
    WHEN (NEW.tree_size < OLD.tree_size OR NEW.tree_size > NEW.size) EXECUTE FUNCTION refuse_change();
";

/// The tables `audit_nodes`, `audit_checkpoints` and `audit_keys`, and the tree's size in the head.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let guards = [
        dialect.either(SQLITE, POSTGRES),
        dialect.add_only("audit_nodes", &["position"]),
        dialect.add_only("audit_checkpoints", &["size"]),
        dialect.add_only("audit_keys", &["since"]),
    ];
    dialect.tables(TABLES) + &guards.concat()
}

fn down(dialect: Dialect) -> String {
    let trigger = dialect.either("DROP TRIGGER audit_head_tree;", "DROP TRIGGER audit_head_tree ON audit_head;");
    format!(
        "DROP TABLE audit_keys; DROP TABLE audit_checkpoints; DROP TABLE audit_nodes; {trigger} ALTER TABLE audit_head DROP COLUMN edge; ALTER TABLE audit_head DROP COLUMN tree_size;"
    )
}
