//! The audit log: entries that only grow by the next `seq`, details that may be erased (privacy) but not changed, and the one row
//! of the head, which is locked as the last thing a change does so that `seq` has no gap.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL
) {strict};
INSERT INTO audit_head (id, size) VALUES (1, 0);
CREATE TABLE audit_entries (
    seq BIGINT NOT NULL PRIMARY KEY,
    entry_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    incident_id BIGINT,
    correlation_id TEXT,
    outcome TEXT NOT NULL,
    leaf TEXT NOT NULL
) {strict};
CREATE INDEX audit_entries_by_incident ON audit_entries (incident_id, seq) WHERE incident_id IS NOT NULL;
CREATE TABLE audit_detail (
    entry_id TEXT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL,
    detail TEXT NOT NULL
) {keyed};
";

const SQLITE: &str = "
CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM audit_entries)
BEGIN SELECT RAISE(ABORT, 'INSERT into audit_entries is refused: seq must be the next one'); END;
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'UPDATE of audit_entries is refused'); END;
CREATE TRIGGER audit_detail_update BEFORE UPDATE ON audit_detail
BEGIN SELECT RAISE(ABORT, 'UPDATE of audit_detail is refused'); END;
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head WHEN NEW.size < OLD.size OR NEW.id <> OLD.id
BEGIN SELECT RAISE(ABORT, 'UPDATE of audit_head is refused: the log only grows'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_next_seq() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM audit_entries),
        'INSERT into audit_entries is refused: seq must be the next one');
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entries_insert BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION check_next_seq();
CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_detail_update BEFORE UPDATE ON audit_detail FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW WHEN (NEW.size < OLD.size OR NEW.id <> OLD.id)
    EXECUTE FUNCTION refuse_change();
";

/// The tables `audit_head`, `audit_entries` and `audit_detail`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE, POSTGRES),
        dialect.never_deleted("audit_entries"),
        dialect.never_deleted("audit_head"),
        dialect.never_truncated("audit_detail"),
    ]
    .concat()
}

fn down(dialect: Dialect) -> String {
    let tables = "DROP TABLE audit_detail; DROP TABLE audit_entries; DROP TABLE audit_head;".to_owned();
    tables + &dialect.either("", "DROP FUNCTION check_next_seq();")
}
