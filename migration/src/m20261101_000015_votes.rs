//! Votes on approvals. The database itself refuses one by a contributor, by someone who is no approver, a second one, one on another
//! digest, and one on an approval that is decided or expired by the database's clock. Votes are never changed or deleted.

use crate::change::Change;
use crate::dialect::Dialect;

const TABLES: &str = "
CREATE TABLE approval_votes (
    approval_id BIGINT NOT NULL REFERENCES approvals (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    decision TEXT NOT NULL CHECK (decision IN ('approve', 'reject')),
    reason TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (approval_id, user_id)
) {keyed};
";

const SQLITE: &str = "
CREATE TRIGGER approval_votes_insert BEFORE INSERT ON approval_votes BEGIN
    SELECT RAISE(ABORT, 'vote refused: the approval is not pending') WHERE NOT EXISTS
        (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND status = 'pending');
    SELECT RAISE(ABORT, 'vote refused: the approval has expired') WHERE EXISTS
        (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND expires_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER));
    SELECT RAISE(ABORT, 'vote refused: another plan was asked for') WHERE EXISTS
        (SELECT 1 FROM approvals WHERE id = NEW.approval_id AND plan_digest <> NEW.plan_digest);
    SELECT RAISE(ABORT, 'vote refused: this person contributed') WHERE EXISTS
        (SELECT 1 FROM approval_contributors WHERE approval_id = NEW.approval_id AND user_id = NEW.user_id);
    SELECT RAISE(ABORT, 'vote refused: this person is no approver') WHERE NOT EXISTS
        (SELECT 1 FROM users WHERE id = NEW.user_id AND disabled_at IS NULL AND ' ' || roles || ' ' LIKE '% approver %');
END;
";

// The approval's row is locked first: two votes at once must see each other.
const POSTGRES: &str = "
CREATE FUNCTION check_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked approvals%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM approvals WHERE id = NEW.approval_id FOR UPDATE;
    PERFORM refuse_if(asked.status IS DISTINCT FROM 'pending', 'vote refused: the approval is not pending');
    PERFORM refuse_if(asked.expires_at <= now_ms(), 'vote refused: the approval has expired');
    PERFORM refuse_if(asked.plan_digest <> NEW.plan_digest, 'vote refused: another plan was asked for');
    PERFORM refuse_if(EXISTS
        (SELECT 1 FROM approval_contributors WHERE approval_id = NEW.approval_id AND user_id = NEW.user_id),
        'vote refused: this person contributed');
    PERFORM refuse_if(NOT EXISTS
        (SELECT 1 FROM users WHERE id = NEW.user_id AND disabled_at IS NULL AND ' ' || roles || ' ' LIKE '% approver %'),
        'vote refused: this person is no approver');
    RETURN NEW;
END $$;
CREATE TRIGGER approval_votes_insert BEFORE INSERT ON approval_votes FOR EACH ROW EXECUTE FUNCTION check_vote();
";

/// The table `approval_votes`.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    [dialect.tables(TABLES), dialect.either(SQLITE, POSTGRES), dialect.add_only("approval_votes", &["approval_id, user_id"])]
        .concat()
}

fn down(dialect: Dialect) -> String {
    "DROP TABLE approval_votes;".to_owned() + &dialect.either("", "DROP FUNCTION check_vote();")
}
