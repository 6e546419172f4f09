//! Logs of who set and confirmed accounts and who signed with them: what both verifiers must find, and what they must let pass.

use domain::approval::{ApprovalStatus, Decision};
use domain::audit::{AuditAction, EntryDraft, Target};
use domain::id::{ApprovalId, RunId, UserId};
use serde_json::Value;

use crate::cases::Case;
use crate::logs::{ASKER, Log, draft, seal};

const ADMIN: &str = "0190c2d4-0000-7000-8000-000000000009";
const APPROVER: &str = "0190c2d4-0000-7000-8000-000000000002";
const SECOND: &str = "0190c2d4-0000-7000-8000-000000000003";
const PLAN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const EARLY: &str = "2026-03-11T09:00:00.000Z";
const ASKED: &str = "2026-03-11T10:00:00.000Z";
const DECIDED: &str = "2026-03-11T12:00:00.000Z";

fn user(id: &str) -> Target {
    Target::user(UserId::new(id.parse().unwrap()))
}

fn made(id: &str, roles: &[&str], by: Option<&str>, at: &str) -> EntryDraft {
    let entry = draft(by, AuditAction::UserCreated, user(id)).fact("roles", roles.to_vec());
    entry.fact("set_by", by.map(str::to_owned)).fact("set_at", at)
}

fn updated(id: &str, roles: &[&str], enabled: i64, at: &str) -> EntryDraft {
    let entry = draft(Some(ADMIN), AuditAction::UserUpdated, user(id)).fact("roles", roles.to_vec()).fact("enabled", enabled);
    entry.fact("set_by", ADMIN).fact("set_at", at)
}

fn reset(id: &str, by: &str) -> EntryDraft {
    draft(Some(by), AuditAction::UserPasswordSet, user(id)).fact("set_by", by).fact("set_at", "2026-03-11T09:30:00.000Z")
}

fn linked(id: &str, by: &str) -> EntryDraft {
    let entry = draft(Some(by), AuditAction::LinkCreated, Target::link("the-link")).fact("user_id", id);
    entry.fact("set_by", by).fact("set_at", "2026-03-11T09:20:00.000Z")
}

fn used(id: &str, by: Option<&str>) -> EntryDraft {
    let mut entry = draft(None, AuditAction::UserPasswordSet, user(id)).fact("link", "the-link");
    entry.actor.kind = domain::audit::ActorKind::User;
    entry.fact("set_by", by.map(str::to_owned)).fact("set_at", "2026-03-11T09:25:00.000Z")
}

fn confirmed(id: &str, by: &str) -> EntryDraft {
    draft(Some(by), AuditAction::UserConfirmed, user(id)).fact("confirmed_at", "2026-03-11T09:40:00.000Z")
}

fn asked(quorum: u8) -> EntryDraft {
    draft(Some(ASKER), AuditAction::ApprovalRequested, Target::approval(ApprovalId::new(1)))
        .fact_named("run_id", RunId::new(1))
        .fact("plan_digest", PLAN)
        .fact("quorum", quorum)
        .fact("expires_at", "2026-03-11T14:00:00.000Z")
        .fact("first_asked_at", ASKED)
        .fact("contributors", vec![ASKER])
}

fn decided(by: &str, status: ApprovalStatus) -> EntryDraft {
    draft(Some(by), AuditAction::ApprovalDecided, Target::approval(ApprovalId::new(1)))
        .fact_named("decision", Decision::Approve)
        .fact_named("status", status)
        .fact("plan_digest", PLAN)
        .fact("decided_at", DECIDED)
}

/// Accounts, then the signatures.
fn case(name: &str, sound: bool, accounts: Vec<EntryDraft>, votes: &[&str]) -> Case {
    let quorum = u8::try_from(votes.len()).unwrap();
    let last = votes.len() - 1;
    let status = |at: usize| if at == last { ApprovalStatus::Approved } else { ApprovalStatus::Pending };
    let votes = votes.iter().enumerate().map(|(at, by)| decided(by, status(at)));
    let drafts = accounts.into_iter().chain([asked(quorum)]).chain(votes);
    let entries: Vec<_> = drafts.zip(0..).map(|(draft, seq)| seal(draft, seq)).collect();
    let heads = vec![(entries.len(), vec![0, 1])];
    Case { name: name.to_owned(), ..Case::whole(&Log { entries, heads }) }.expect(sound)
}

fn admin() -> EntryDraft {
    made(ADMIN, &["admin"], None, EARLY)
}

/// An approver whose account nobody set.
fn unset() -> EntryDraft {
    made(APPROVER, &["approver"], None, EARLY)
}

/// An approver whose account the asker set.
fn set_by_asker() -> EntryDraft {
    made(APPROVER, &["approver"], Some(ASKER), EARLY)
}

/// Every rule about people, kept and broken.
pub fn cases() -> Vec<Case> {
    [who_set_it(), confirmed_or_a_day_later(), when_and_with_which_role(), two_signatures()].concat()
}

fn who_set_it() -> Vec<Case> {
    let forged = |by: Value| vec![admin(), made(APPROVER, &["approver"], Some(ADMIN), EARLY).fact("set_by", by)];
    vec![
        case("an account that nobody set", true, vec![admin(), unset()], &[APPROVER]),
        case("an account that the log does not know", false, vec![admin()], &[APPROVER]),
        case("an account that a contributor made", false, vec![admin(), set_by_asker()], &[APPROVER]),
        case(
            "an account that an admin made",
            true,
            vec![admin(), made(APPROVER, &["approver"], Some(ADMIN), EARLY)],
            &[APPROVER],
        ),
        case("a password that a contributor set", false, vec![admin(), unset(), reset(APPROVER, ASKER)], &[APPROVER]),
        case(
            "a password that somebody else set after",
            true,
            vec![admin(), unset(), reset(APPROVER, ASKER), reset(APPROVER, ADMIN)],
            &[APPROVER],
        ),
        case("a link that a contributor made", false, vec![admin(), unset(), linked(APPROVER, ASKER)], &[APPROVER]),
        case(
            "a link that was used",
            false,
            vec![admin(), unset(), linked(APPROVER, ASKER), used(APPROVER, Some(ASKER))],
            &[APPROVER],
        ),
        case(
            "a link that is said to be of nobody",
            false,
            vec![admin(), unset(), linked(APPROVER, ADMIN), used(APPROVER, None)],
            &[APPROVER],
        ),
        case(
            "an account that a contributor made an admin for",
            false,
            vec![unset(), made(ADMIN, &["admin"], Some(ASKER), EARLY), made(SECOND, &["approver"], Some(ADMIN), EARLY)],
            &[SECOND],
        ),
        case("a setter who is another than the actor", false, forged(Value::from(SECOND)), &[APPROVER]),
        case("a setter who is nobody, and somebody did it", false, forged(Value::Null), &[APPROVER]),
    ]
}

fn confirmed_or_a_day_later() -> Vec<Case> {
    let day_before = |at: &str| vec![made(ASKER, &["admin"], None, EARLY), made(APPROVER, &["approver"], Some(ASKER), at)];
    vec![
        case("an account that was confirmed", true, vec![admin(), set_by_asker(), confirmed(APPROVER, ADMIN)], &[APPROVER]),
        case(
            "an account that its owner confirmed",
            false,
            vec![admin(), set_by_asker(), confirmed(APPROVER, APPROVER)],
            &[APPROVER],
        ),
        case(
            "an account that its setter confirmed",
            false,
            vec![made(ASKER, &["admin"], None, EARLY), set_by_asker(), confirmed(APPROVER, ASKER)],
            &[APPROVER],
        ),
        case(
            "an account that an analyst confirmed",
            false,
            vec![admin(), set_by_asker(), made(SECOND, &["analyst"], None, EARLY), confirmed(APPROVER, SECOND)],
            &[APPROVER],
        ),
        case(
            "an account that a puppet confirmed",
            false,
            vec![admin(), set_by_asker(), made(SECOND, &["approver"], Some(ASKER), EARLY), confirmed(APPROVER, SECOND)],
            &[APPROVER],
        ),
        case("a day with nobody else there", true, day_before("2026-03-10T12:00:00.000Z"), &[APPROVER]),
        case("less than a day with nobody else there", false, day_before("2026-03-10T12:00:00.001Z"), &[APPROVER]),
    ]
}

fn when_and_with_which_role() -> Vec<Case> {
    vec![
        case(
            "an approver since the request",
            false,
            vec![admin(), made(APPROVER, &["approver"], None, "2026-03-11T10:00:00.001Z")],
            &[APPROVER],
        ),
        case("an approver as the request is made", true, vec![admin(), made(APPROVER, &["approver"], None, ASKED)], &[APPROVER]),
        case(
            "a role that was taken before",
            false,
            vec![admin(), unset(), updated(APPROVER, &["analyst"], 1, "2026-03-11T09:50:00.000Z")],
            &[APPROVER],
        ),
        case(
            "an account that was disabled before",
            false,
            vec![admin(), unset(), updated(APPROVER, &["approver"], 0, "2026-03-11T09:50:00.000Z")],
            &[APPROVER],
        ),
        case(
            "a role that was given before",
            true,
            vec![
                admin(),
                made(APPROVER, &["analyst"], None, EARLY),
                updated(APPROVER, &["approver"], 1, "2026-03-11T09:50:00.000Z"),
            ],
            &[APPROVER],
        ),
    ]
}

fn two_signatures() -> Vec<Case> {
    vec![
        case("two people", true, vec![unset(), made(SECOND, &["approver"], None, EARLY)], &[APPROVER, SECOND]),
        case(
            "one person twice",
            false,
            vec![admin(), unset(), made(SECOND, &["approver"], Some(APPROVER), EARLY)],
            &[APPROVER, SECOND],
        ),
        case(
            "one person twice, the other first",
            false,
            vec![admin(), unset(), made(SECOND, &["approver"], Some(APPROVER), EARLY)],
            &[SECOND, APPROVER],
        ),
    ]
}
