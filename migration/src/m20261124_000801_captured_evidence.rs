//! Files that a run captured: they name their run, and nobody as their sender if the run started by itself.

use crate::change::Change;
use crate::dialect::Dialect;

const SQLITE: &str = "
DROP TRIGGER evidence_pieces_insert;
DROP TRIGGER evidence_pieces_delete;
CREATE TABLE evidence_again (
    id INTEGER NOT NULL PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    upload TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    added_by TEXT {sender} REFERENCES users (id),
    added_at INTEGER NOT NULL{run}
) STRICT;
INSERT INTO evidence_again SELECT id, incident_id, upload, name, size, sha256, added_by, added_at{no_run} FROM evidence {which};
DROP TABLE evidence;
ALTER TABLE evidence_again RENAME TO evidence;
CREATE INDEX evidence_by_incident ON evidence (incident_id, id);
CREATE TRIGGER evidence_pieces_insert BEFORE INSERT ON evidence_pieces
WHEN EXISTS (SELECT 1 FROM evidence WHERE upload = NEW.upload)
BEGIN SELECT RAISE(ABORT, 'INSERT into evidence_pieces is refused: the file is on record'); END;
CREATE TRIGGER evidence_pieces_delete BEFORE DELETE ON evidence_pieces
WHEN EXISTS (SELECT 1 FROM evidence WHERE upload = OLD.upload)
BEGIN SELECT RAISE(ABORT, 'DELETE of evidence_pieces is refused: the file is on record'); END;
";

const POSTGRES: &str = "
ALTER TABLE evidence ALTER COLUMN added_by DROP NOT NULL;
ALTER TABLE evidence ADD COLUMN run_id BIGINT REFERENCES runs (id);
";

/// Rows are never deleted by the application; taking the change back is the one exception.
const POSTGRES_BACK: &str = "
ALTER TABLE evidence DISABLE TRIGGER evidence_delete;
DELETE FROM evidence WHERE added_by IS NULL;
ALTER TABLE evidence ENABLE TRIGGER evidence_delete;
ALTER TABLE evidence DROP COLUMN run_id;
ALTER TABLE evidence ALTER COLUMN added_by SET NOT NULL;
";

/// The columns `run_id` and `added_by` of `evidence`. Taking it back loses the files without a sender.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => again(["", ",\n    run_id INTEGER REFERENCES runs (id)", ", NULL", ""]),
        Dialect::Postgres => POSTGRES.to_owned(),
    }
}

fn down(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => again(["NOT NULL", "", "", "WHERE added_by IS NOT NULL"]),
        Dialect::Postgres => POSTGRES_BACK.to_owned(),
    }
}

/// The table anew, with its guards: SQLite cannot change a column.
fn again([sender, run, no_run, which]: [&str; 4]) -> String {
    let table = SQLITE.replace("{sender}", sender).replace("{run}", run).replace("{no_run}", no_run).replace("{which}", which);
    table + &Dialect::Sqlite.add_only("evidence", &["id", "upload"])
}
