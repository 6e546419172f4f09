//! Who may decide an approval, in the order in which it is checked, and that nobody decides what they contributed to.

use std::collections::BTreeSet;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use super::{
    APPROVAL_EXPIRES_S_DEFAULT, Approval, ApprovalStatus, Ballot, Decision, Electorate, REASON_BYTES_MAX, Refusal, Vote,
};
use crate::access::{Actor, KeyHolder, Role, SignedIn};
use crate::digest::Digest;
use crate::id::{ApiKeyId, ApprovalId, IncidentId, RunId, UserId};
use crate::session::STEP_UP_MS_MAX;
use crate::text::InvalidText;
use crate::timestamp::Timestamp;
use crate::user::UserRef;

const ANALYST: u128 = 1;
const APPROVER: u128 = 2;
const ANOTHER: u128 = 3;

fn now() -> Timestamp {
    Timestamp::from_unix_ms(1_000_000_000)
}

pub(crate) fn user_id(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

fn person(number: u128, roles: &[Role]) -> SignedIn {
    let user = UserRef { id: user_id(number), username: format!("user{number}") };
    SignedIn { user, roles: roles.to_vec(), authenticated_at: now() }
}

fn approver(number: u128) -> Actor {
    Actor::User(person(number, &[Role::Approver, Role::Analyst]))
}

pub(crate) fn pending() -> Approval {
    Approval {
        id: ApprovalId::new(1),
        incident_id: IncidentId::new(1),
        run_id: RunId::new(1),
        step: None,
        status: ApprovalStatus::Pending,
        plan_digest: Digest::of(b"plan"),
        reasons: Vec::new(),
        requested_by: Some(person(ANALYST, &[]).user),
        requested_at: now(),
        expires_at: now().plus_ms(i64::from(APPROVAL_EXPIRES_S_DEFAULT) * 1_000),
        quorum: 1,
        contributors: vec![user_id(ANALYST)],
        decisions: Vec::new(),
    }
}

pub(crate) fn voted(mut approval: Approval, number: u128) -> Approval {
    let reason = "the evidence is sound".to_owned();
    approval.decisions.push(Vote { by: person(number, &[]).user, decision: Decision::Approve, reason, at: now() });
    approval
}

/// Everybody of these tests may decide, and could when it was asked for.
fn everybody() -> Electorate {
    electorate((0..20).map(user_id).collect())
}

fn electorate(approvers: BTreeSet<UserId>) -> Electorate {
    Electorate { approvers, was_approver: true, ..Electorate::default() }
}

fn ballot(decision: Decision) -> Ballot {
    Ballot { decision, reason: "the evidence is sound".to_owned(), plan_digest: Digest::of(b"plan") }
}

fn reason(text: &str) -> Ballot {
    Ballot { reason: text.to_owned(), ..ballot(Decision::Approve) }
}

fn status_after(approval: &Approval, actor: &Actor, ballot: &Ballot) -> Result<ApprovalStatus, Refusal> {
    approval.decide(actor.as_approver().unwrap(), ballot, &everybody(), now()).map(|decided| decided.status)
}

#[test]
fn a_vote_counts_towards_the_quorum() {
    let check = |approval: Approval, decision: Decision, expected: ApprovalStatus| {
        assert_eq!(status_after(&approval, &approver(APPROVER), &ballot(decision)), Ok(expected));
    };
    check(pending(), Decision::Approve, ApprovalStatus::Approved);
    check(pending(), Decision::Reject, ApprovalStatus::Rejected);
    let of_two = Approval { quorum: 2, ..pending() };
    check(of_two.clone(), Decision::Approve, ApprovalStatus::Pending);
    check(of_two.clone(), Decision::Reject, ApprovalStatus::Rejected);
    check(voted(of_two.clone(), ANOTHER), Decision::Approve, ApprovalStatus::Approved);
    check(voted(of_two, ANOTHER), Decision::Reject, ApprovalStatus::Rejected);
}

#[test]
fn only_votes_of_those_who_may_still_decide_make_a_quorum() {
    let check = |voters: &[u128], approvers: &[u128], expected: Result<ApprovalStatus, Refusal>| {
        let approval = voters.iter().fold(Approval { quorum: 2, ..pending() }, |approval, voter| voted(approval, *voter));
        let approvers: BTreeSet<UserId> = approvers.iter().copied().map(user_id).collect();
        let actor = approver(APPROVER);
        let decided =
            approval.decide(actor.as_approver().unwrap(), &ballot(Decision::Approve), &electorate(approvers.clone()), now());
        assert_eq!(decided.map(|decided| decided.status), expected, "{voters:?} {approvers:?}");
    };
    check(&[10], &[APPROVER, 10], Ok(ApprovalStatus::Approved));
    check(&[10], &[APPROVER], Ok(ApprovalStatus::Pending));
    check(&[10, 11], &[APPROVER, 11], Ok(ApprovalStatus::Approved));
    check(&[10], &[10], Err(Refusal::NoApprover));
}

#[test]
fn a_vote_is_kept_with_its_reason_and_time() {
    let actor = approver(APPROVER);
    let decided = pending().decide(actor.as_approver().unwrap(), &reason("  ten letters.  "), &everybody(), now()).unwrap();
    let expected = Vote {
        by: UserRef { id: user_id(APPROVER), username: "user2".to_owned() },
        decision: Decision::Approve,
        reason: "ten letters.".to_owned(),
        at: now(),
    };
    assert_eq!(decided.vote, expected);
}

#[test]
fn a_reason_is_ten_letters_and_digits_of_either_decision() {
    let check = |text: &str, expected: Result<ApprovalStatus, InvalidText>| {
        assert_eq!(
            status_after(&pending(), &approver(APPROVER), &reason(text)),
            expected.map_err(Refusal::InvalidReason),
            "{text}"
        );
    };
    check("0123456789", Ok(ApprovalStatus::Approved));
    check("äöüäöüäöüä", Ok(ApprovalStatus::Approved));
    check("012345678", Err(InvalidText::TooFewLetters { letters_min: 10 }));
    check("  012345678  ", Err(InvalidText::TooFewLetters { letters_min: 10 }));
    check("ten chars.", Err(InvalidText::TooFewLetters { letters_min: 10 }));
    check(&"\u{200b}".repeat(12), Err(InvalidText::TooFewLetters { letters_min: 10 }));
    check("0123456789\0", Err(InvalidText::ContainsNul));
    check(&"x".repeat(REASON_BYTES_MAX), Ok(ApprovalStatus::Approved));
    check(&"x".repeat(REASON_BYTES_MAX + 1), Err(InvalidText::TooLong { bytes_max: REASON_BYTES_MAX }));
    let rejection = Ballot { reason: "no".to_owned(), ..ballot(Decision::Reject) };
    let refusal = Refusal::InvalidReason(InvalidText::TooFewLetters { letters_min: 10 });
    assert_eq!(status_after(&pending(), &approver(APPROVER), &rejection), Err(refusal));
}

#[test]
fn only_what_is_pending_can_be_decided() {
    let check = |approval: Approval, expected: ApprovalStatus| {
        let refused = status_after(&approval, &approver(APPROVER), &ballot(Decision::Approve));
        assert_eq!(refused, Err(Refusal::NotPending(expected)));
    };
    for status in ApprovalStatus::ALL.iter().copied().filter(|status| *status != ApprovalStatus::Pending) {
        check(Approval { status, ..pending() }, status);
    }
    check(Approval { expires_at: now(), ..pending() }, ApprovalStatus::Expired);
    let last_moment = Approval { expires_at: now().plus_ms(1), ..pending() };
    assert_eq!(status_after(&last_moment, &approver(APPROVER), &ballot(Decision::Approve)), Ok(ApprovalStatus::Approved));
}

#[test]
fn a_sign_in_is_at_most_five_minutes_old() {
    let check = |age_ms: i64, expected: Result<ApprovalStatus, Refusal>| {
        let signed_in = SignedIn { authenticated_at: now().plus_ms(-age_ms), ..person(APPROVER, &[Role::Approver]) };
        assert_eq!(status_after(&pending(), &Actor::User(signed_in), &ballot(Decision::Approve)), expected, "{age_ms}");
    };
    check(0, Ok(ApprovalStatus::Approved));
    check(STEP_UP_MS_MAX, Ok(ApprovalStatus::Approved));
    check(STEP_UP_MS_MAX + 1, Err(Refusal::StepUpRequired));
    // The clock was set back after it.
    check(-1, Err(Refusal::StepUpRequired));
    check(-100 * STEP_UP_MS_MAX, Err(Refusal::StepUpRequired));
}

fn in_the_hand(of: u128, whose: u128) -> Electorate {
    Electorate { hands: [(user_id(whose), vec![person(of, &[]).user])].into(), ..everybody() }
}

#[test]
fn one_human_is_not_two_people() {
    let check = |approval: &Approval, electorate: &Electorate, expected: Result<ApprovalStatus, Refusal>| {
        let actor = approver(APPROVER);
        let decided = approval.decide(actor.as_approver().unwrap(), &ballot(Decision::Approve), electorate, now());
        assert_eq!(decided.map(|decided| decided.status), expected, "{electorate:?}");
    };
    let named = |number: u128| format!("user{number}");
    check(&pending(), &everybody(), Ok(ApprovalStatus::Approved));
    check(&pending(), &Electorate { was_approver: false, ..everybody() }, Err(Refusal::ApproverSince));
    check(&pending(), &in_the_hand(ANALYST, APPROVER), Err(Refusal::InTheirHand(named(ANALYST))));
    check(&pending(), &in_the_hand(ANOTHER, APPROVER), Ok(ApprovalStatus::Approved));
    // Nobody votes for two by having somebody else's account.
    let of_two = voted(Approval { quorum: 2, ..pending() }, ANOTHER);
    check(&of_two, &everybody(), Ok(ApprovalStatus::Approved));
    check(&of_two, &in_the_hand(ANOTHER, APPROVER), Err(Refusal::InTheirHand(named(ANOTHER))));
    check(&of_two, &in_the_hand(APPROVER, ANOTHER), Err(Refusal::SetVoter(named(ANOTHER))));
    // It stands at the place of "contributor" in the promised order: before a second vote.
    check(&voted(pending(), APPROVER), &in_the_hand(ANALYST, APPROVER), Err(Refusal::InTheirHand(named(ANALYST))));
    let why = pending().why_not(&approver(APPROVER), &in_the_hand(ANALYST, APPROVER), now()).unwrap();
    assert!(why.starts_with("User1, who contributed to this or has voted, last set your roles or your password"), "{why}");
}

#[test]
fn an_approval_whose_signatures_do_not_count_any_more_is_stuck_where_nobody_is_left_to_sign() {
    let check = |quorum: u8, voters: &[u128], approvers: &[u128], expected: bool| {
        let approval = voters.iter().fold(Approval { quorum, ..pending() }, |approval, voter| voted(approval, *voter));
        assert_eq!(
            approval.is_stuck(&approvers.iter().copied().map(user_id).collect()),
            expected,
            "{quorum} {voters:?} {approvers:?}"
        );
    };
    check(2, &[10, 11], &[11], true);
    check(2, &[10, 11], &[11, ANALYST], true);
    check(2, &[10, 11], &[11, 12], false);
    check(2, &[10, 11], &[10, 11], false);
    check(2, &[10], &[], false);
    check(3, &[10, 11], &[11], false);
    check(3, &[10, 11, 12], &[11, 12], true);
    check(3, &[10, 11, 12], &[12, 13], true);
    check(3, &[10, 11, 12], &[12, 13, 14], false);
}

/// Everything is wrong at once; each round mends what was complained about.
#[test]
fn checks_come_in_the_promised_order() {
    let stale = SignedIn { authenticated_at: now().plus_ms(-STEP_UP_MS_MAX - 1), ..person(ANALYST, &[Role::Approver]) };
    let stale = Actor::User(stale);
    let other_plan = Ballot { plan_digest: Digest::of(b"another plan"), ..ballot(Decision::Approve) };
    let closed = Approval { status: ApprovalStatus::Withdrawn, ..voted(pending(), ANALYST) };
    let check = |approval: &Approval, actor: &Actor, ballot: &Ballot, expected: Refusal| {
        assert_eq!(status_after(approval, actor, ballot), Err(expected));
    };
    let too_short = Refusal::InvalidReason(InvalidText::TooFewLetters { letters_min: 10 });
    check(&closed, &stale, &Ballot { reason: String::new(), ..other_plan.clone() }, too_short);
    check(&closed, &stale, &other_plan, Refusal::NotPending(ApprovalStatus::Withdrawn));
    let open = Approval { status: ApprovalStatus::Pending, ..closed };
    check(&open, &stale, &other_plan, Refusal::SeparationOfDuties);
    let not_contributed = Approval { contributors: Vec::new(), ..open };
    check(&not_contributed, &stale, &other_plan, Refusal::AlreadyVoted);
    let not_voted = Approval { decisions: Vec::new(), ..not_contributed };
    check(&not_voted, &stale, &other_plan, Refusal::StepUpRequired);
    check(&not_voted, &approver(ANALYST), &other_plan, Refusal::PlanChanged);
    assert_eq!(status_after(&not_voted, &approver(ANALYST), &ballot(Decision::Approve)), Ok(ApprovalStatus::Approved));
}

#[test]
fn why_not_is_a_sentence() {
    let check = |approval: Approval, actor: &Actor, expected: Option<&str>| {
        assert_eq!(approval.why_not(actor, &everybody(), now()).as_deref(), expected);
    };
    let key =
        KeyHolder { id: ApiKeyId::new(Uuid::nil()), name: "source".to_owned(), scopes: Vec::new(), source: None, hand_of: None };
    let stale = SignedIn { authenticated_at: Timestamp::from_unix_ms(0), ..person(APPROVER, &[Role::Approver]) };
    check(pending(), &approver(APPROVER), None);
    check(pending(), &Actor::User(stale), None);
    check(pending(), &Actor::User(person(ANOTHER, &[Role::Admin])), Some("Only an approver can decide this."));
    check(pending(), &Actor::Key(key), Some("Only a signed-in approver can decide this."));
    check(pending(), &Actor::Anonymous, Some("Only a signed-in approver can decide this."));
    check(pending(), &Actor::System, Some("Only a signed-in approver can decide this."));
    check(pending(), &approver(ANALYST), Some("You contributed to this, so somebody else must decide."));
    check(voted(pending(), APPROVER), &approver(APPROVER), Some("You have decided this already."));
    check(Approval { expires_at: now(), ..pending() }, &approver(APPROVER), Some("The approval is expired."));
    let approved = Approval { status: ApprovalStatus::Approved, ..pending() };
    check(approved, &approver(APPROVER), Some("The approval is approved."));
}

proptest! {
    #[test]
    fn nobody_decides_what_they_contributed_to(
        contributors in proptest::collection::vec(0..6_u128, 1..6), voter in 0..6_u128, quorum in 1..=5_u8, reject: bool,
    ) {
        let approval = Approval { contributors: contributors.iter().copied().map(user_id).collect(), quorum, ..pending() };
        let everything = Actor::User(person(voter, Role::ALL));
        let decision = if reject { Decision::Reject } else { Decision::Approve };
        let result = status_after(&approval, &everything, &ballot(decision));
        prop_assert_eq!(result == Err(Refusal::SeparationOfDuties), contributors.contains(&voter));
        prop_assert_eq!(result.is_ok(), !contributors.contains(&voter));
    }

    #[test]
    fn one_person_counts_once(voters in proptest::collection::vec(10..16_u128, 1..20), quorum in 1..=5_u8) {
        let mut approval = Approval { quorum, ..pending() };
        for voter in voters {
            let actor = approver(voter);
            if let Ok(decided) = approval.decide(actor.as_approver().unwrap(), &ballot(Decision::Approve), &everybody(), now()) {
                approval.decisions.push(decided.vote);
                approval.status = decided.status;
            }
        }
        let mut people = approval.decisions.iter().map(|vote| vote.by.id).collect::<Vec<_>>();
        people.sort_unstable();
        people.dedup();
        prop_assert_eq!(people.len(), approval.decisions.len());
        prop_assert!(people.len() <= usize::from(quorum));
        prop_assert_eq!(approval.status == ApprovalStatus::Approved, people.len() == usize::from(quorum));
    }
}
