//! A grant opens the gate that its approval was asked for, and no other: the database itself refuses one for another step.

use crate::change::Change;
use crate::dialect::Dialect;

const SQLITE: &str = "
CREATE TRIGGER grants_gate BEFORE INSERT ON grants BEGIN
    SELECT RAISE(ABORT, 'grant refused: its approval is for another gate') WHERE EXISTS
        (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND coalesce(step, '') <> NEW.step);
END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_grant_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(EXISTS (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND coalesce(step, '') <> NEW.step),
        'grant refused: its approval is for another gate');
    RETURN NEW;
END $$;
CREATE TRIGGER grants_gate BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION check_grant_gate();
";

/// The trigger `grants_gate`.
pub fn change() -> Change {
    Change::new(module_path!(), |dialect: Dialect| dialect.either(SQLITE, POSTGRES), down)
}

fn down(dialect: Dialect) -> String {
    dialect.either("DROP TRIGGER grants_gate;", "DROP TRIGGER grants_gate ON grants; DROP FUNCTION check_grant_gate();")
}
