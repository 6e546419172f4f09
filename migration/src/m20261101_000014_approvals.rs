//! Approvals and the people who may not decide them, fixed when the approval is made. What is asked for never changes; the time
//! to decide may only become shorter.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE approvals (
    id BIGINT NOT NULL PRIMARY KEY,
    incident_id BIGINT NOT NULL REFERENCES incidents (id),
    run_id BIGINT NOT NULL REFERENCES runs (id),
    step TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'expired', 'withdrawn')),
    plan_digest TEXT NOT NULL REFERENCES plans (digest),
    reasons TEXT NOT NULL,
    requested_by TEXT REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    quorum BIGINT NOT NULL CHECK (quorum BETWEEN 1 AND 5),
    return_to TEXT NOT NULL,
    decided_at BIGINT
) {strict};
CREATE INDEX approvals_by_status ON approvals (status, id);
CREATE INDEX approvals_by_incident ON approvals (incident_id, id);
CREATE TABLE approval_contributors (
    approval_id BIGINT NOT NULL REFERENCES approvals (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (approval_id, user_id)
) {keyed};
";

const SQLITE: &str = "
CREATE TRIGGER approvals_expiry BEFORE UPDATE OF expires_at ON approvals WHEN NEW.expires_at > OLD.expires_at
BEGIN SELECT RAISE(ABORT, 'UPDATE of approvals is refused: the time to decide only becomes shorter'); END;
CREATE TRIGGER approvals_status BEFORE UPDATE OF status ON approvals WHEN OLD.status <> 'pending' AND NEW.status <> OLD.status
BEGIN SELECT RAISE(ABORT, 'UPDATE of approvals is refused: it is no longer pending'); END;
";

const POSTGRES: &str = "
CREATE TRIGGER approvals_expiry BEFORE UPDATE OF expires_at ON approvals FOR EACH ROW WHEN (NEW.expires_at > OLD.expires_at)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approvals_status BEFORE UPDATE OF status ON approvals FOR EACH ROW
    WHEN (OLD.status <> 'pending' AND NEW.status <> OLD.status) EXECUTE FUNCTION refuse_change();
";

const FROZEN: &str = "id, incident_id, run_id, step, plan_digest, reasons, requested_by, requested_at, quorum, return_to";

/// The tables `approvals` and `approval_contributors`.
pub fn change() -> Change {
    Change::new(module_path!(), up, |_| "DROP TABLE approval_contributors; DROP TABLE approvals;".to_owned())
}

fn up(dialect: Dialect) -> String {
    [
        dialect.tables(TABLES),
        dialect.either(SQLITE, POSTGRES),
        dialect.never_again("approvals", &["id"]),
        dialect.never_deleted("approvals"),
        dialect.frozen("approvals", FROZEN),
        dialect.add_only("approval_contributors", &["approval_id, user_id"]),
    ]
    .concat()
}
