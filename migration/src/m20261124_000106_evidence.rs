//! Files kept with incidents. The bytes come in pieces while a file is received; once the file is on record neither it nor a piece of it
//! is ever changed or deleted. Pieces without a file are what is left of an upload that broke off.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE evidence (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    upload TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL REFERENCES users (id),
    added_at BIGINT NOT NULL
) {strict};
CREATE INDEX evidence_by_incident ON evidence (incident_id, id);
CREATE TABLE evidence_pieces (
    upload TEXT NOT NULL,
    position BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (upload, position)
) {rows};
";

const SQLITE: &str = "
CREATE TRIGGER evidence_pieces_update BEFORE UPDATE ON evidence_pieces
BEGIN SELECT RAISE(ABORT, 'UPDATE of evidence_pieces is refused'); END;
CREATE TRIGGER evidence_pieces_insert BEFORE INSERT ON evidence_pieces
WHEN EXISTS (SELECT 1 FROM evidence WHERE upload = NEW.upload)
BEGIN SELECT RAISE(ABORT, 'INSERT into evidence_pieces is refused: the file is on record'); END;
CREATE TRIGGER evidence_pieces_delete BEFORE DELETE ON evidence_pieces
WHEN EXISTS (SELECT 1 FROM evidence WHERE upload = OLD.upload)
BEGIN SELECT RAISE(ABORT, 'DELETE of evidence_pieces is refused: the file is on record'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_evidence_piece() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM refuse_if(EXISTS (SELECT 1 FROM evidence WHERE upload = NEW.upload),
            'INSERT into evidence_pieces is refused: the file is on record');
        RETURN NEW;
    END IF;
    PERFORM refuse_if(EXISTS (SELECT 1 FROM evidence WHERE upload = OLD.upload),
        'DELETE of evidence_pieces is refused: the file is on record');
    RETURN OLD;
END $$;
CREATE TRIGGER evidence_pieces_update BEFORE UPDATE ON evidence_pieces FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_pieces_insert BEFORE INSERT OR DELETE ON evidence_pieces FOR EACH ROW
    EXECUTE FUNCTION check_evidence_piece();
";

/// The tables `evidence` and `evidence_pieces`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    let numbers =
        dialect.either("INSERT INTO counters (name, value) VALUES ('evidence', 0);\n", "CREATE SEQUENCE evidence_number;\n");
    let tables = dialect.tables(TABLES).replace("{rows}", &dialect.either("STRICT", ""));
    let guards = [
        dialect.either(SQLITE, POSTGRES),
        dialect.add_only("evidence", &["id", "upload"]),
        dialect.never_truncated("evidence_pieces"),
    ];
    numbers + &tables + &guards.concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE evidence_pieces; DROP TABLE evidence;".to_owned()
        + &dialect.either(
            "DELETE FROM counters WHERE name = 'evidence';",
            "DROP FUNCTION check_evidence_piece(); DROP SEQUENCE evidence_number;",
        )
}
