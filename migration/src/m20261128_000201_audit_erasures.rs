//! Which details of the audit log were erased. A detail goes only when a row here says so, and its entry, which says why, is written with it.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLE: &str = "
CREATE TABLE audit_erasures (
    entry_id TEXT NOT NULL PRIMARY KEY,
    erased_at BIGINT NOT NULL
) {keyed};
";

const SQLITE: &str = "
CREATE TRIGGER audit_detail_delete BEFORE DELETE ON audit_detail
WHEN NOT EXISTS (SELECT 1 FROM audit_erasures WHERE entry_id = OLD.entry_id)
BEGIN SELECT RAISE(ABORT, 'DELETE of audit_detail is refused: nothing says that it was erased'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_detail_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(NOT EXISTS (SELECT 1 FROM audit_erasures WHERE entry_id = OLD.entry_id),
        'DELETE of audit_detail is refused: nothing says that it was erased');
    RETURN OLD;
END $$;
CREATE TRIGGER audit_detail_delete BEFORE DELETE ON audit_detail FOR EACH ROW EXECUTE FUNCTION check_detail_erasure();
";

/// The table `audit_erasures`, and the guard of details.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    dialect.tables(TABLE) + &dialect.add_only("audit_erasures", &["entry_id"]) + &dialect.either(SQLITE, POSTGRES)
}

fn down(dialect: Dialect) -> String {
    let trigger = dialect.either(
        "DROP TRIGGER audit_detail_delete;",
        "DROP TRIGGER audit_detail_delete ON audit_detail; DROP FUNCTION check_detail_erasure();",
    );
    trigger + " DROP TABLE audit_erasures;"
}
