//! What comes next in a run, row by row: what its steps did, and what must follow.

use domain::action::Action;
use domain::plan::{Plan, RetryPolicy};
use domain::run::StepStatus::{Failed, Pending, Running, Skipped, Succeeded, Undone, Unknown};
use domain::run::{Step, StepStatus, UndoStatus};
use playbooks::plan::{plan, remaining};
use playbooks::{AfterFailure, Facts, Failure, HoldsFacts, Next, Progress, Scope, after_failure, next};
use serde_json::{Value, json};

use crate::scenes::{facts, live, main_job, now, playbook, steps_after};

const RUN: &str = r#"actions:
  - { id: look, action: enrich, with: { observables: [ip] } }
  - id: block
    action: block_ip
    when: "has(alert.source.ip) && steps.look.output.verdict != 'benign'"
    with: { ip: "${{ alert.source.ip }}" }
  - id: lock
    action: disable_user
    when: "steps.look.output.account"
    with: { user: "${{ steps.look.output.user }}" }
    approval: { quorum: 1 }
  - { id: tell, action: notify, with: { channel: soc, message: "Blocked: ${{ steps.block.status }}" } }
"#;

fn scene() -> (Facts, Plan) {
    let facts = facts(&main_job());
    let plan = plan(&playbook(RUN), &facts, &live(), now()).unwrap();
    (facts, plan)
}

fn after(finished: &[(StepStatus, Option<Value>)]) -> Next {
    let (_, plan) = scene();
    decide(&plan, &steps_after(&plan, finished))
}

fn decide(plan: &Plan, steps: &[Step]) -> Next {
    let progress = Progress { actions: &plan.actions, steps, gates_passed: &[], holds_facts: HoldsFacts::Yes, now: now() };
    next(&progress, &Scope::frozen(&plan.facts.clone().unwrap(), steps, now()))
}

fn execute(step: &str, input: Value) -> Next {
    let input = input.as_object().cloned().unwrap_or_default();
    Next::Execute { step: step.parse().unwrap(), input }
}

fn skip(step: &str, reason: &str) -> Next {
    Next::Skip { step: step.parse().unwrap(), reason: reason.to_owned() }
}

fn fail(step: &str, error: &str) -> Next {
    Next::Fail { step: step.parse().unwrap(), error: error.to_owned() }
}

#[test]
fn steps_follow_each_other_in_the_order_of_the_plan() {
    let check = |finished: &[(StepStatus, Option<Value>)], expected: Next| assert_eq!(after(finished), expected, "{finished:?}");
    let looked = |output: Value| (Succeeded, Some(output));
    let good = looked(json!({ "verdict": "unknown", "account": true, "user": "admin" }));
    let done = (Succeeded, Some(json!({})));
    check(&[], execute("look", json!({ "observables": ["ip"] })));
    check(&[(Pending, None)], execute("look", json!({ "observables": ["ip"] })));
    check(&[(Running, None)], Next::InDoubt { step: "look".parse().unwrap() });
    check(&[(Unknown, None)], Next::InDoubt { step: "look".parse().unwrap() });
    check(&[(Failed, None)], fail("look", "the step failed"));
    check(&[(Undone, None)], fail("look", "the step was undone"));
    check(std::slice::from_ref(&good), execute("block", json!({ "ip": "91.23.11.9" })));
    check(&[looked(json!({ "verdict": "benign" }))], skip("block", "its condition is false"));
    check(&[looked(json!({}))], fail("block", "its condition cannot be evaluated: there is no `verdict`"));
    check(&[(Skipped, None)], fail("block", "its condition cannot be evaluated: there is no `output`"));
    check(
        &[looked(json!({ "account": "yes" })), (Skipped, None)],
        fail("lock", "its condition cannot be evaluated: the result is a text, not true or false"),
    );
    check(&[looked(json!({ "account": false })), done.clone()], skip("lock", "its condition is false"));
    check(&[good.clone(), done.clone()], Next::Gate { step: "lock".parse().unwrap() });
    check(
        &[good.clone(), done.clone(), done.clone()],
        execute("tell", json!({ "channel": "soc", "message": "Blocked: succeeded" })),
    );
    check(
        &[good.clone(), (Skipped, None), (Skipped, None)],
        execute("tell", json!({ "channel": "soc", "message": "Blocked: skipped" })),
    );
    check(&[good, done.clone(), done.clone(), done], Next::Complete);
}

#[test]
fn a_failed_step_ends_the_run_with_its_own_error() {
    let (_, plan) = scene();
    let mut steps = steps_after(&plan, &[(Failed, None)]);
    steps[0].error = Some("no provider answered".to_owned());
    assert_eq!(decide(&plan, &steps), fail("look", "no provider answered"));
}

#[test]
fn past_its_gate_a_step_runs_with_the_target_that_was_signed() {
    let (facts, plan) = scene();
    let output = json!({ "verdict": "unknown", "account": true, "user": "admin" });
    let steps = steps_after(&plan, &[(Succeeded, Some(output)), (Succeeded, Some(json!({})))]);
    let scope = Scope::in_run(&facts, &steps, now());
    let lock = "lock".parse().unwrap();
    let left = remaining(&plan.actions, &lock, &scope, &live()).unwrap();
    let passed = [lock];
    let progress =
        |gates_passed| Progress { actions: &left, steps: &steps, gates_passed, holds_facts: HoldsFacts::Yes, now: now() };
    assert_eq!(next(&progress(&[]), &scope), Next::Gate { step: "lock".parse().unwrap() });
    assert_eq!(next(&progress(&passed), &scope), execute("lock", json!({ "user": "admin" })));
}

#[test]
fn a_late_parameter_that_does_not_fit_ends_the_run() {
    let facts = facts(&main_job());
    let rest = r#"actions:
  - { id: look, action: enrich }
  - { id: block, action: block_ip, with: { ip: 192.0.2.1, duration: "${{ steps.look.output.length }}" } }
"#;
    let plan = plan(&playbook(rest), &facts, &live(), now()).unwrap();
    let check = |output: Value, expected: Next| {
        let steps = steps_after(&plan, &[(Succeeded, Some(output))]);
        assert_eq!(decide(&plan, &steps), expected);
    };
    check(json!({ "length": "2h" }), execute("block", json!({ "ip": "192.0.2.1", "duration": "2h" })));
    check(json!({}), fail("block", "its parameter `duration` cannot be resolved: there is no `length`"));
    let no_duration =
        "its parameter `duration` cannot be resolved: must be a whole number and s, m, h or d, from 1s to 366d, such as 24h";
    check(json!({ "length": "long" }), fail("block", no_duration));
}

#[test]
fn a_step_that_the_plan_skips_never_runs() {
    let bare = facts(&json!({ "incident_type": "brute_force", "impact": 3, "likelihood": 3, "confidence": 3 }));
    let planned = plan(&playbook(RUN), &bare, &live(), now()).unwrap();
    assert!(planned.actions[1].skipped);
    let steps = steps_after(&planned, &[(Succeeded, Some(json!({ "verdict": "malicious" })))]);
    assert_eq!(decide(&planned, &steps), skip("block", "its condition was false when the plan was made"));
    let richer = facts(&main_job());
    let progress =
        Progress { actions: &planned.actions, steps: &steps, gates_passed: &[], holds_facts: HoldsFacts::Yes, now: now() };
    let next = next(&progress, &Scope::in_run(&richer, &steps, now()));
    assert_eq!(next, skip("block", "its condition was false when the plan was made"));
}

#[test]
fn what_was_resolved_is_not_resolved_again() {
    let alert = json!({ "incident_type": "brute_force", "username": "${{ steps.look.output.user }}", "src_ip": "192.0.2.1" });
    let rest = "actions:\n  - { id: look, action: enrich }\n  - { id: lock, action: disable_user, with: { user: \"${{ alert.user.name }}\" } }\n";
    let facts = facts(&alert);
    let plan = plan(&playbook(rest), &facts, &live(), now()).unwrap();
    let steps = steps_after(&plan, &[(Succeeded, Some(json!({ "user": "somebody else" })))]);
    assert_eq!(decide(&plan, &steps), execute("lock", json!({ "user": "${{ steps.look.output.user }}" })));
}

#[test]
fn a_step_that_waits_goes_on_when_its_time_has_come() {
    let (_, plan) = scene();
    let mut steps = steps_after(&plan, &[(Running, None)]);
    for (due_in_ms, expected) in [
        (1, Next::Wait { until: now().plus_ms(1) }),
        (0, Next::Resume { step: "look".parse().unwrap() }),
        (-1, Next::Resume { step: "look".parse().unwrap() }),
    ] {
        steps[0].due_at = Some(now().plus_ms(due_in_ms));
        assert_eq!(decide(&plan, &steps), expected, "{due_in_ms} ms");
    }
}

#[test]
fn an_attempt_that_went_wrong_is_followed_by_what_is_safe() {
    let retry = |attempts, backoff_s| RetryPolicy { attempts, backoff_s };
    let check = |failure: Failure, policy: RetryPolicy, attempts: u32, expected: AfterFailure| {
        assert_eq!(after_failure(failure, policy, attempts), expected, "{failure:?} {policy:?} {attempts}");
    };
    let wait = |seconds| AfterFailure::RetryIn { seconds };
    check(Failure::Certain, retry(1, 2), 1, AfterFailure::Fail);
    check(Failure::Certain, retry(3, 2), 1, wait(2));
    check(Failure::Certain, retry(3, 2), 2, wait(4));
    check(Failure::Certain, retry(3, 2), 3, AfterFailure::Fail);
    check(Failure::Certain, retry(10, 1_800), 3, wait(3_600));
    check(Failure::UncertainRepeatable, retry(3, 2), 1, wait(2));
    check(Failure::UncertainRepeatable, retry(3, 2), 3, AfterFailure::AskPerson);
    check(Failure::Uncertain, retry(3, 2), 1, AfterFailure::AskPerson);
    check(Failure::Uncertain, retry(1, 2), 1, AfterFailure::AskPerson);
}

/// Two blocks, and a message whose failure is handled as given.
fn blocks_then(on_error: &str) -> Plan {
    let rest = format!(
        "actions:\n  - {{ id: look, action: enrich }}\n  - {{ id: block, action: block_ip, with: {{ ip: 192.0.2.1, duration: 1h }} }}\n  \
         - {{ id: lock, action: disable_user, with: {{ user: jdoe }} }}\n  \
         - {{ id: tell, action: notify, with: {{ channel: soc, message: hi }}, on_error: {on_error} }}\n  \
         - {{ id: after, action: enrich }}\n"
    );
    plan(&playbook(&rest), &facts(&main_job()), &live(), now()).unwrap()
}

fn done_with(plan: &Plan, finished: &[(StepStatus, Option<Value>)]) -> Vec<Step> {
    let mut steps = steps_after(plan, finished);
    for (step, action) in steps.iter_mut().zip(&plan.actions) {
        step.input = Some(Value::Object(action.parameters.clone()));
    }
    steps
}

#[test]
fn what_follows_a_failed_step_is_what_its_on_error_says() {
    let ok = || (Succeeded, Some(json!({})));
    let finished = [ok(), ok(), ok(), (Failed, None)];
    let after_failure = |on_error: &str| {
        let plan = blocks_then(on_error);
        decide(&plan, &done_with(&plan, &finished))
    };
    assert_eq!(after_failure("stop"), fail("tell", "the step failed"));
    assert_eq!(after_failure("continue"), execute("after", json!({})));
    let plan = blocks_then("continue");
    let rest: Vec<_> = finished.iter().cloned().chain([ok()]).collect();
    assert_eq!(decide(&plan, &done_with(&plan, &rest)), Next::Complete);
    let undone_first = Next::Undo {
        step: "lock".parse().unwrap(),
        action: Action::EnableUser,
        input: json!({ "user": "jdoe" }).as_object().cloned().unwrap(),
    };
    assert_eq!(after_failure("undo"), undone_first);
}

#[test]
fn steps_are_taken_back_the_last_first_and_each_once() {
    let plan = blocks_then("undo");
    let ok = || (Succeeded, Some(json!({})));
    let mut steps = done_with(&plan, &[ok(), ok(), ok(), (Failed, None)]);
    let block = Next::Undo {
        step: "block".parse().unwrap(),
        action: Action::UnblockIp,
        input: json!({ "ip": "192.0.2.1" }).as_object().cloned().unwrap(),
    };
    steps[2].undo = Some(UndoStatus::Running);
    assert_eq!(decide(&plan, &steps), Next::UndoInDoubt { step: "lock".parse().unwrap() });
    (steps[2].status, steps[2].undo) = (Undone, Some(UndoStatus::Succeeded));
    assert_eq!(decide(&plan, &steps), block);
    // One that could not be taken back stays done, and the others are still taken back.
    (steps[2].status, steps[2].undo) = (Succeeded, Some(UndoStatus::Failed));
    assert_eq!(decide(&plan, &steps), block);
    (steps[1].status, steps[1].undo) = (Undone, Some(UndoStatus::Succeeded));
    assert_eq!(decide(&plan, &steps), fail("tell", "the step failed"));
}
