//! Effects: the intent that is on record before a connector is called. The database itself refuses one of a gated step without its
//! grant, and a second one of the same step and kind under one grant.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE effects (
    key TEXT NOT NULL PRIMARY KEY,
    run_id BIGINT NOT NULL,
    step TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('do', 'undo')),
    grant_id TEXT REFERENCES grants (id),
    action TEXT NOT NULL,
    connector TEXT NOT NULL,
    input TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    UNIQUE (grant_id, step, kind),
    FOREIGN KEY (run_id, step) REFERENCES run_steps (run_id, step)
) {keyed};
CREATE INDEX effects_by_run ON effects (run_id, step);
";

const SQLITE: &str = "
CREATE TRIGGER effects_insert BEFORE INSERT ON effects BEGIN
    SELECT RAISE(ABORT, 'effect refused: the run has no such step') WHERE NOT EXISTS
        (SELECT 1 FROM run_steps WHERE run_id = NEW.run_id AND step = NEW.step);
    SELECT RAISE(ABORT, 'effect refused: the step is gated and this is not its grant') WHERE EXISTS
        (SELECT 1 FROM run_steps s WHERE s.run_id = NEW.run_id AND s.step = NEW.step AND s.gate IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM grants g WHERE g.id = NEW.grant_id AND g.run_id = s.run_id AND g.step = s.gate));
END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(NOT EXISTS (SELECT 1 FROM run_steps WHERE run_id = NEW.run_id AND step = NEW.step),
        'effect refused: the run has no such step');
    PERFORM refuse_if(EXISTS
        (SELECT 1 FROM run_steps s WHERE s.run_id = NEW.run_id AND s.step = NEW.step AND s.gate IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM grants g WHERE g.id = NEW.grant_id AND g.run_id = s.run_id AND g.step = s.gate)),
        'effect refused: the step is gated and this is not its grant');
    RETURN NEW;
END $$;
CREATE TRIGGER effects_insert BEFORE INSERT ON effects FOR EACH ROW EXECUTE FUNCTION check_effect();
";

/// The table `effects`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [dialect.tables(TABLES), dialect.either(SQLITE, POSTGRES), dialect.add_only("effects", &["key", "grant_id, step, kind"])]
        .concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE effects;".to_owned() + &dialect.either("", "DROP FUNCTION check_effect();")
}
