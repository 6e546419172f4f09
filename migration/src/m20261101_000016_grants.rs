//! Grants: what an approval gives a run once enough people have signed. The database itself refuses one for an approval that was
//! not approved, or whose approving votes, on the same plan and by people who may still decide, do not make the quorum.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    approval_id BIGINT NOT NULL UNIQUE REFERENCES approvals (id),
    run_id BIGINT NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind = 'quorum'),
    plan_digest TEXT NOT NULL,
    step TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    start_by BIGINT NOT NULL
) {keyed};
CREATE INDEX grants_by_run ON grants (run_id);
";

const SQLITE: &str = "
CREATE TRIGGER grants_insert BEFORE INSERT ON grants BEGIN
    SELECT RAISE(ABORT, 'grant refused: its approval is not approved for this run and plan') WHERE NOT EXISTS
        (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND status = 'approved' AND run_id = NEW.run_id
            AND plan_digest = NEW.plan_digest);
    SELECT RAISE(ABORT, 'grant refused: the approval was rejected') WHERE EXISTS
        (SELECT 1 FROM approval_votes WHERE approval_id = NEW.approval_id AND decision = 'reject');
    SELECT RAISE(ABORT, 'grant refused: there is no quorum') WHERE
        (SELECT count(*) FROM approval_votes v JOIN users u ON u.id = v.user_id
            WHERE v.approval_id = NEW.approval_id AND v.decision = 'approve' AND v.plan_digest = NEW.plan_digest
            AND u.disabled_at IS NULL AND ' ' || u.roles || ' ' LIKE '% approver %')
        < (SELECT quorum FROM approvals WHERE id = NEW.approval_id);
END;
";

const POSTGRES: &str = "
CREATE FUNCTION check_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked approvals%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM approvals WHERE id = NEW.approval_id FOR UPDATE;
    PERFORM refuse_if(asked.status IS DISTINCT FROM 'approved' OR asked.run_id <> NEW.run_id OR asked.plan_digest <> NEW.plan_digest,
        'grant refused: its approval is not approved for this run and plan');
    PERFORM refuse_if(EXISTS (SELECT 1 FROM approval_votes WHERE approval_id = NEW.approval_id AND decision = 'reject'),
        'grant refused: the approval was rejected');
    PERFORM refuse_if(
        (SELECT count(*) FROM approval_votes v JOIN users u ON u.id = v.user_id
            WHERE v.approval_id = NEW.approval_id AND v.decision = 'approve' AND v.plan_digest = NEW.plan_digest
            AND u.disabled_at IS NULL AND ' ' || u.roles || ' ' LIKE '% approver %')
        < asked.quorum, 'grant refused: there is no quorum');
    RETURN NEW;
END $$;
CREATE TRIGGER grants_insert BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION check_grant();
";

/// The table `grants`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [dialect.tables(TABLES), dialect.either(SQLITE, POSTGRES), dialect.add_only("grants", &["id", "approval_id"])].concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE grants;".to_owned() + &dialect.either("", "DROP FUNCTION check_grant();")
}
