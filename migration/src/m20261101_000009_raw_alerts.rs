//! The bytes of an alert exactly as received. They are never changed, and deleted only where an erasure with its audit entry
//! is on record.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE raw_alerts (
    alert_id BIGINT NOT NULL PRIMARY KEY REFERENCES alerts (id),
    bytes BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    received_at BIGINT NOT NULL
) {strict};
CREATE TABLE erasure (
    alert_id BIGINT NOT NULL PRIMARY KEY,
    audit_seq BIGINT NOT NULL REFERENCES audit_entries (seq)
) {strict};
";

const SQLITE: &str = "
CREATE TRIGGER raw_alerts_update BEFORE UPDATE ON raw_alerts
BEGIN SELECT RAISE(ABORT, 'UPDATE of raw_alerts is refused'); END;
CREATE TRIGGER raw_alerts_delete BEFORE DELETE ON raw_alerts
WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE alert_id = OLD.alert_id)
BEGIN SELECT RAISE(ABORT, 'DELETE of raw_alerts is refused: no erasure is on record'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(NOT EXISTS (SELECT 1 FROM erasure WHERE alert_id = OLD.alert_id),
        'DELETE of raw_alerts is refused: no erasure is on record');
    RETURN OLD;
END $$;
CREATE TRIGGER raw_alerts_update BEFORE UPDATE ON raw_alerts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER raw_alerts_delete BEFORE DELETE ON raw_alerts FOR EACH ROW EXECUTE FUNCTION check_erasure();
";

/// The tables `raw_alerts` and `erasure`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE, POSTGRES),
        dialect.never_again("raw_alerts", &["alert_id"]),
        dialect.never_truncated("raw_alerts"),
        dialect.add_only("erasure", &["alert_id"]),
    ]
    .concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE erasure; DROP TABLE raw_alerts;".to_owned() + &dialect.either("", "DROP FUNCTION check_erasure();")
}
