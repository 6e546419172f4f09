//! Votes of people who may not be a second person: the database itself refuses one by somebody who was no approver when it was asked for, and one by
//! somebody whose account is in the hand of a contributor or of another voter.

use crate::change::Change;
use crate::dialect::Dialect;

/// When a vote is refused, by its reason. What is asked anew was asked for when it was first.
const REFUSALS: [(&str, &str); 2] = [
    (
        "vote refused: this person was no approver when it was asked for",
        "NOT EXISTS (SELECT 1 FROM account_changes c WHERE c.user_id = NEW.user_id AND c.aspect = 'roles' AND c.is_approver = 1
            AND c.id = (SELECT max(d.id) FROM account_changes d WHERE d.user_id = NEW.user_id AND d.aspect = 'roles' AND d.set_at <=
                (SELECT min(b.requested_at) FROM approvals a JOIN approvals b ON b.run_id = a.run_id AND coalesce(b.step, '') = coalesce(a.step, '')
                    WHERE a.id = NEW.approval_id)))",
    ),
    (
        "vote refused: this account is in the hand of somebody who contributed or voted",
        "EXISTS (SELECT 1 FROM {account_hands} h WHERE
            (h.user_id = NEW.user_id AND (
                h.hand IN (SELECT c.user_id FROM approval_contributors c WHERE c.approval_id = NEW.approval_id)
                OR h.hand IN (SELECT v.user_id FROM approval_votes v WHERE v.approval_id = NEW.approval_id)))
            OR (h.hand = NEW.user_id AND h.user_id IN (SELECT v.user_id FROM approval_votes v WHERE v.approval_id = NEW.approval_id)))",
    ),
];

/// The trigger `approval_votes_people`. By its name it comes after the one that locks the approval, so that two votes at once see each other.
pub fn change() -> Change {
    Change::new(module_path!(), up, down)
}

fn up(dialect: Dialect) -> String {
    "CREATE INDEX approvals_by_run ON approvals (run_id);\n".to_owned()
        + &dialect
            .refuse_insert("approval_votes", "people", &REFUSALS)
            .replace("{account_hands}", &dialect.rows_of("account_hands"))
}

fn down(dialect: Dialect) -> String {
    dialect.either(
        "DROP TRIGGER approval_votes_people; DROP INDEX approvals_by_run;",
        "DROP TRIGGER approval_votes_people ON approval_votes; DROP FUNCTION approval_votes_people(); DROP INDEX approvals_by_run;",
    )
}
