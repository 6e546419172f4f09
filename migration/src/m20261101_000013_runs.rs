//! Runs and their steps. An incident has at most one active live run. What was asked for never changes: the plan, whether it needs
//! an approval, and the gate that each step stands behind (null: none; empty: the run's own approval; else the approval at that step).

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE runs (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    playbook_id TEXT NOT NULL,
    playbook_digest TEXT NOT NULL,
    plan_digest TEXT NOT NULL REFERENCES plans (digest),
    mode TEXT NOT NULL CHECK (mode IN ('live', 'dry_run')),
    status TEXT NOT NULL,
    requested_by TEXT REFERENCES users (id),
    approval_id BIGINT,
    approval_required BIGINT NOT NULL CHECK (approval_required IN (0, 1)),
    asked_from TEXT NOT NULL,
    current_plan_digest TEXT NOT NULL REFERENCES plans (digest),
    requested_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    error TEXT
) {strict};
CREATE UNIQUE INDEX runs_active ON runs (incident_id)
    WHERE mode = 'live' AND status IN ('awaiting_approval', 'queued', 'running', 'paused');
CREATE INDEX runs_by_incident ON runs (incident_id, id);
CREATE INDEX runs_by_status ON runs (status, id);
CREATE TABLE run_steps (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    step TEXT NOT NULL,
    action TEXT NOT NULL,
    connector TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    gate TEXT,
    input TEXT,
    output TEXT,
    error TEXT,
    started_at BIGINT,
    finished_at BIGINT,
    PRIMARY KEY (run_id, step)
) {keyed};
";

const SQLITE: &str = "
CREATE TRIGGER run_steps_insert BEFORE INSERT ON run_steps
WHEN NEW.gate IS NULL AND EXISTS (SELECT 1 FROM runs WHERE id = NEW.run_id AND approval_required = 1)
BEGIN SELECT RAISE(ABORT, 'INSERT into run_steps is refused: the run needs an approval and the step has no gate'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_run_step() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM refuse_if(NEW.gate IS NULL AND EXISTS (SELECT 1 FROM runs WHERE id = NEW.run_id AND approval_required = 1),
        'INSERT into run_steps is refused: the run needs an approval and the step has no gate');
    RETURN NEW;
END $$;
CREATE TRIGGER run_steps_insert BEFORE INSERT ON run_steps FOR EACH ROW EXECUTE FUNCTION check_run_step();
";

const RUN_FROZEN: &str =
    "id, incident_id, playbook_id, playbook_digest, plan_digest, mode, requested_by, approval_required, asked_from, requested_at";

/// The tables `runs` and `run_steps`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE, POSTGRES),
        dialect.never_again("runs", &["id"]),
        dialect.never_deleted("runs"),
        dialect.frozen("runs", RUN_FROZEN),
        dialect.never_again("run_steps", &["run_id, step"]),
        dialect.never_deleted("run_steps"),
        dialect.frozen("run_steps", "run_id, position, step, action, gate"),
    ]
    .concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE run_steps; DROP TABLE runs;".to_owned() + &dialect.either("", "DROP FUNCTION check_run_step();")
}
