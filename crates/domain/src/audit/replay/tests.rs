//! Logs that a server wrote which kept the rules, and ones that it wrote without them.

use serde_json::{Value, json};

use super::{Broken, Replay};

const PLAN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER_PLAN: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const ASKER: &str = "0190c2d4-0000-7000-8000-000000000001";
const APPROVER: &str = "0190c2d4-0000-7000-8000-000000000002";
const SECOND: &str = "0190c2d4-0000-7000-8000-000000000003";

fn leaf(action: &str, actor: Option<&str>, target: &str, facts: Value) -> Value {
    let kind = if actor.is_some() { "user" } else { "system" };
    json!({ "action": action, "actor": { "id": actor, "kind": kind }, "at": "2026-03-11T10:00:00.000Z", "target": { "id": target }, "facts": facts })
}

fn created() -> Value {
    leaf("INCIDENT_CREATED", None, "INC-0000000001", json!({}))
}

fn moved(actor: Option<&str>, from: &str, to: &str) -> Value {
    leaf("STATE_CHANGED", actor, "INC-0000000001", json!({ "from": from, "to": to }))
}

fn asked(quorum: u8) -> Value {
    let facts = json!({ "run_id": "RUN-0000000001", "plan_digest": PLAN, "quorum": quorum, "expires_at": "2026-03-11T14:00:00.000Z", "contributors": [ASKER] });
    leaf("APPROVAL_REQUESTED", Some(ASKER), "APR-0000000001", facts)
}

fn decided(by: &str, decision: &str, status: &str) -> Value {
    let facts = json!({ "decision": decision, "status": status, "run_id": "RUN-0000000001", "plan_digest": PLAN, "decided_at": "2026-03-11T13:59:59.999Z" });
    leaf("APPROVAL_DECIDED", Some(by), "APR-0000000001", facts)
}

fn begun(facts: Value) -> Value {
    leaf("ACTION_STARTED", None, "RUN-0000000001", facts)
}

/// What the first rule is that the entries break, and at which of them.
fn broken(entries: &[Value]) -> Option<(i64, Broken)> {
    let mut replay = Replay::default();
    entries.iter().zip(0..).find_map(|(entry, seq)| {
        let mut entry = entry.clone();
        entry["seq"] = json!(seq);
        replay.follow(&entry).err().map(|fault| (fault.seq, fault.broken))
    })
}

fn said(entries: &[Value]) -> String {
    broken(entries).map_or("nothing".to_owned(), |(seq, broken)| format!("{seq}: {broken}"))
}

fn with(mut entry: Value, fact: &str, value: impl Into<Value>) -> Value {
    entry["facts"][fact] = value.into();
    entry
}

#[test]
fn the_main_job_breaks_no_rule() {
    let entries = [
        created(),
        moved(None, "new", "classified"),
        asked(1),
        moved(Some(ASKER), "classified", "awaiting_approval"),
        decided(APPROVER, "approve", "approved"),
        moved(Some(APPROVER), "awaiting_approval", "in_progress"),
        leaf("PLAYBOOK_STARTED", None, "RUN-0000000001", json!({ "start": "first" })),
        begun(json!({ "step": "block", "approval_id": "APR-0000000001" })),
        moved(None, "in_progress", "contained"),
        moved(Some(ASKER), "contained", "resolved"),
        moved(Some(ASKER), "resolved", "closed"),
        moved(Some(ASKER), "closed", "classified"),
    ];
    assert_eq!(said(&entries), "nothing");
}

#[test]
fn a_move_outside_the_state_table_is_caught() {
    let beginning = [created(), moved(None, "new", "classified")];
    let then = |entry: Value| said(&[beginning.to_vec(), vec![entry]].concat());
    assert_eq!(
        then(moved(Some(ASKER), "classified", "contained")),
        "2: no rule lets user move INC-0000000001 from classified to contained"
    );
    assert_eq!(then(moved(Some(ASKER), "in_progress", "contained")), "2: INC-0000000001 was classified, not in_progress");
    assert_eq!(then(created()), "2: INC-0000000001 was made a second time");
    assert_eq!(then(moved(Some(ASKER), "classified", "asleep")), "2: its to is missing or cannot be read");
    assert_eq!(said(&[moved(None, "new", "classified")]), "0: the log says nothing of how INC-0000000001 began");
}

#[test]
fn what_only_people_may_do_countersign_may_not() {
    let contained = [
        created(),
        moved(None, "new", "classified"),
        moved(None, "classified", "in_progress"),
        moved(None, "in_progress", "contained"),
    ];
    let then = |actor| said(&[contained.to_vec(), vec![moved(actor, "contained", "resolved")]].concat());
    assert_eq!(then(Some(ASKER)), "nothing");
    assert_eq!(then(None), "4: no rule lets system move INC-0000000001 from contained to resolved");
}

#[test]
fn a_decision_is_by_another_person_on_the_same_plan_in_time() {
    let then = |entry: Value| said(&[asked(2), entry]);
    assert_eq!(then(decided(APPROVER, "approve", "pending")), "nothing");
    assert_eq!(
        then(decided(ASKER, "approve", "pending")),
        format!("1: APR-0000000001 was decided by {ASKER}, who contributed to it")
    );
    assert_eq!(
        then(with(decided(APPROVER, "approve", "pending"), "plan_digest", OTHER_PLAN)),
        "1: APR-0000000001 was decided for another plan than was asked about"
    );
    assert_eq!(
        then(with(decided(APPROVER, "approve", "pending"), "decided_at", "2026-03-11T14:00:00.000Z")),
        "1: APR-0000000001 was decided after it expired"
    );
    assert_eq!(then(decided(APPROVER, "approve", "approved")), "1: APR-0000000001 says approved after 1 of 2 signatures");
    assert_eq!(then(decided(APPROVER, "reject", "approved")), "1: APR-0000000001 says approved after 1 of 2 signatures");
    let mut by_key = decided(APPROVER, "approve", "pending");
    by_key["actor"]["kind"] = json!("api_key");
    assert_eq!(then(by_key), "1: APR-0000000001 was decided by somebody who is not a person with an account");
    let twice = [asked(2), decided(APPROVER, "approve", "pending"), decided(APPROVER, "approve", "approved")];
    assert_eq!(said(&twice), format!("2: APR-0000000001 was decided twice by {APPROVER}"));
    let after = [asked(1), decided(APPROVER, "reject", "rejected"), decided(SECOND, "approve", "approved")];
    assert_eq!(said(&after), "2: APR-0000000001 was rejected already");
    let both = [asked(2), decided(APPROVER, "approve", "pending"), decided(SECOND, "approve", "approved"), begun(json!({}))];
    assert_eq!(said(&both), "nothing");
}

#[test]
fn what_the_log_says_has_one_spelling() {
    assert_eq!(said(&[asked(1)]), "nothing");
    for time in ["2026-03-11T14:00:00Z", "2026-03-11T15:00:00.000+01:00", "2026-03-11t14:00:00.000z"] {
        assert_eq!(said(&[with(asked(1), "expires_at", time)]), "0: its expires_at is missing or cannot be read");
    }
    let shouted = with(asked(1), "contributors", vec!["0190C2D4-0000-7000-8000-000000000001"]);
    assert_eq!(said(&[shouted]), "0: its contributors is missing or cannot be read");
}

#[test]
fn nothing_begins_before_its_signature() {
    assert_eq!(said(&[begun(json!({ "step": "lookup" }))]), "nothing");
    assert_eq!(said(&[asked(1), begun(json!({}))]), "1: RUN-0000000001 went on although APR-0000000001 was pending");
    let ended = |action| leaf(action, None, "APR-0000000001", json!({}));
    assert_eq!(
        said(&[asked(1), ended("APPROVAL_EXPIRED"), begun(json!({}))]),
        "2: RUN-0000000001 went on although APR-0000000001 was expired"
    );
    let stale = [asked(1), decided(APPROVER, "approve", "approved"), ended("APPROVAL_STALE"), begun(json!({}))];
    assert_eq!(said(&stale), "3: RUN-0000000001 went on although APR-0000000001 was stale");
    let unknown = begun(json!({ "approval_id": "APR-0000000009" }));
    assert_eq!(said(&[unknown]), "0: the log says nothing of how APR-0000000009 began");
    let mut elsewhere = begun(json!({ "approval_id": "APR-0000000001" }));
    elsewhere["target"]["id"] = json!("RUN-0000000002");
    assert_eq!(
        said(&[asked(1), decided(APPROVER, "approve", "approved"), elsewhere]),
        "2: the step of RUN-0000000002 is said to be covered by APR-0000000001, which is of another run"
    );
}

#[test]
fn what_a_later_version_logs_is_passed_over() {
    assert_eq!(said(&[leaf("SOMETHING_NEW", None, "", json!({}))]), "nothing");
}

const ADMIN: &str = "0190c2d4-0000-7000-8000-000000000009";

/// An account as it was made: by whom, and when.
fn made(account: &str, roles: &[&str], by: Option<&str>, at: &str) -> Value {
    leaf("USER_CREATED", by, account, json!({ "roles": roles, "set_by": by, "set_at": at }))
}

const EARLY: &str = "2026-03-11T09:00:00.000Z";

fn asked_first(quorum: u8) -> Value {
    with(asked(quorum), "first_asked_at", "2026-03-11T10:00:00.000Z")
}

/// The entries of a signature, after those of the accounts.
fn signed_after(accounts: &[Value], quorum: u8, decisions: &[Value]) -> String {
    said(&[accounts, &[asked_first(quorum)], decisions].concat())
}

#[test]
fn a_decision_by_an_account_in_the_hand_of_a_contributor_is_caught() {
    let approved = || vec![decided(APPROVER, "approve", "approved")];
    let admin = || made(ADMIN, &["admin"], None, EARLY);
    let check = |accounts: &[Value], expected: &str| assert_eq!(signed_after(accounts, 1, &approved()), expected);
    check(&[admin(), made(APPROVER, &["approver"], None, EARLY)], "nothing");
    check(&[admin(), made(APPROVER, &["approver"], Some(ADMIN), EARLY)], "nothing");
    let theirs =
        format!("3: APR-0000000001 was decided by {APPROVER}, whose account is in the hand of {ASKER}, who contributed or voted");
    let by_asker = || made(APPROVER, &["approver"], Some(ASKER), EARLY);
    check(&[admin(), by_asker()], &theirs);
    let reset = |by: &str| {
        leaf(
            "USER_PASSWORD_SET",
            Some(by),
            APPROVER,
            json!({ "set_by": by, "set_at": "2026-03-11T09:30:00.000Z", "sessions_ended": 0 }),
        )
    };
    let by_nobody = || made(APPROVER, &["approver"], None, EARLY);
    let later = |text: &str| text.replacen("3:", "4:", 1);
    check(&[admin(), by_nobody(), reset(ASKER)], &later(&theirs));
    check(&[admin(), by_nobody(), reset(ASKER), reset(ADMIN)], "nothing");
    let linked = leaf("LINK_CREATED", Some(ASKER), "link", json!({ "user_id": APPROVER, "set_by": ASKER, "set_at": EARLY }));
    check(&[admin(), by_nobody(), linked], &later(&theirs));
    let through = [
        made(ADMIN, &["admin"], Some(ASKER), EARLY),
        made(APPROVER, &["approver"], Some(ADMIN), EARLY),
        made(SECOND, &["approver"], None, EARLY),
    ];
    check(&through, &later(&theirs));
    let confirmed = |by: &str| leaf("USER_CONFIRMED", Some(by), APPROVER, json!({ "confirmed_at": "2026-03-11T09:31:00.000Z" }));
    check(&[admin(), by_asker(), confirmed(ADMIN)], "nothing");
    let refused =
        format!("2: {APPROVER} was confirmed by somebody who may not: its owner, whoever set it, or somebody in their hand");
    for by in [APPROVER, ASKER, SECOND] {
        check(&[admin(), by_asker(), confirmed(by)], &refused);
    }
    // Before who set an account was on record, and before approvals said since when they wait, nothing follows from it.
    let old = leaf("USER_CREATED", Some(ASKER), APPROVER, json!({ "roles": ["approver"] }));
    check(&[admin(), old], "nothing");
    assert_eq!(said(&[by_asker(), asked(1), decided(APPROVER, "approve", "approved")]), "nothing");
}

#[test]
fn whoever_became_an_approver_since_or_votes_with_two_accounts_is_caught() {
    let approved = vec![decided(APPROVER, "approve", "approved")];
    let late = made(APPROVER, &["approver"], None, "2026-03-11T10:00:00.001Z");
    assert_eq!(
        signed_after(&[late], 1, &approved),
        format!("2: APR-0000000001 was decided by {APPROVER}, who was no approver when it was asked for")
    );
    let analyst = made(APPROVER, &["analyst"], None, EARLY);
    let since = leaf(
        "USER_UPDATED",
        Some(ADMIN),
        APPROVER,
        json!({ "roles": ["approver"], "enabled": 1, "set_by": ADMIN, "set_at": "2026-03-11T10:00:01.000Z" }),
    );
    assert_eq!(
        said(&[analyst, asked_first(1), since, approved[0].clone()]),
        format!("3: APR-0000000001 was decided by {APPROVER}, who was no approver when it was asked for")
    );
    let two = [decided(APPROVER, "approve", "pending"), decided(SECOND, "approve", "approved")];
    let alone = [made(APPROVER, &["approver", "admin"], None, EARLY), made(ADMIN, &["admin"], None, EARLY)];
    let hand = |by: &str| [alone.as_slice(), &[made(SECOND, &["approver"], Some(by), EARLY)]].concat();
    assert_eq!(signed_after(&hand(ADMIN), 2, &two), "nothing");
    let theirs = format!(
        "5: APR-0000000001 was decided by {SECOND}, whose account is in the hand of {APPROVER}, who contributed or voted"
    );
    assert_eq!(signed_after(&hand(APPROVER), 2, &two), theirs);
    let other_way = [decided(SECOND, "approve", "pending"), decided(APPROVER, "approve", "approved")];
    assert_eq!(signed_after(&hand(APPROVER), 2, &other_way), theirs);
}

#[test]
fn where_nobody_else_is_there_a_day_makes_two_people() {
    let made_at = |at: &str| [made(ASKER, &["admin", "analyst"], None, at), made(APPROVER, &["approver"], Some(ASKER), at)];
    let approved = [decided(APPROVER, "approve", "approved")];
    assert_eq!(signed_after(&made_at("2026-03-10T13:59:59.999Z"), 1, &approved), "nothing");
    assert!(signed_after(&made_at("2026-03-10T14:00:00.000Z"), 1, &approved).contains("is in the hand of"));
}

#[test]
fn nobody_is_said_to_have_set_an_account_but_whoever_did() {
    let check = |entry: Value, expected: &str| assert_eq!(said(&[entry]), expected);
    let other = with(made(APPROVER, &["approver"], Some(ASKER), EARLY), "set_by", ADMIN);
    check(other, &format!("0: {ADMIN} is said to have set an account, and somebody else did"));
    let nobody = with(made(APPROVER, &["approver"], Some(ASKER), EARLY), "set_by", Value::Null);
    check(nobody, "0: nobody is said to have set an account, and somebody else did");
    let link = leaf("LINK_CREATED", Some(ASKER), "link", json!({ "user_id": APPROVER, "set_by": ASKER, "set_at": EARLY }));
    let used = |by: Option<&str>| {
        let mut entry = leaf("USER_PASSWORD_SET", None, APPROVER, json!({ "link": "link", "set_by": by, "set_at": EARLY }));
        entry["actor"]["kind"] = json!("user");
        entry
    };
    assert_eq!(said(&[link.clone(), used(Some(ASKER))]), "nothing");
    assert_eq!(said(&[link, used(None)]), "1: nobody is said to have set an account, and somebody else did");
}
