//! Less is written with each entry of the audit log. Hashes over fewer than sixteen entries are not kept any more, they are made from the entries;
//! so the tree begins anew, and the log is brought in again, as after the change that made it. Times are found by halving the log, without an
//! index; and the index of actions leaves out what is logged with nearly every alert.

use crate::change::Change;
use crate::dialect::Dialect;

const NODES: &str = "
UPDATE audit_head SET tree_size = 0, edge = NULL;
DROP TABLE audit_nodes;
CREATE TABLE audit_nodes (
    position BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL
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

const FEWER_INDEXES: &str = "
DROP INDEX audit_entries_by_time;
DROP INDEX audit_entries_by_action;
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq)
    WHERE action NOT IN ('ALERT_INGESTED', 'INCIDENT_CREATED', 'INCIDENT_UPDATED', 'STATE_CHANGED');
";

const MORE_INDEXES: &str = "
DROP INDEX audit_entries_by_action;
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE INDEX audit_entries_by_time ON audit_entries (at, seq);
";

/// The table `audit_nodes`, empty, and smaller indexes.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect| emptied(dialect) + FEWER_INDEXES, |dialect| emptied(dialect) + MORE_INDEXES)
}

/// There and back, the tree is made from the entries.
fn emptied(dialect: Dialect) -> String {
    let unguarded = dialect.either("DROP TRIGGER audit_head_tree;", "DROP TRIGGER audit_head_tree ON audit_head;");
    unguarded + &dialect.tables(NODES) + &dialect.add_only("audit_nodes", &["position"]) + &dialect.either(SQLITE, POSTGRES)
}
