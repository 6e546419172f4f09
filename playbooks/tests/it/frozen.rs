//! What is signed is what runs, whatever is edited afterwards: a plan holds what its later steps read of the incident, and a run reads nothing else.

use domain::plan::{FACTS_BYTES_MAX, Plan};
use domain::run::StepStatus::Succeeded;
use playbooks::plan::{plan, remaining};
use playbooks::{Facts, HoldsFacts, Next, Progress, Scope, Situation, next, remaining_anew};
use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::scenes::{facts, live, main_job, now, playbook, steps_after};

fn planned(rest: &str, facts: &Facts) -> Plan {
    plan(&playbook(rest), facts, &live(), now()).unwrap_or_else(|error| panic!("{rest}: {error}"))
}

/// What comes next after the first step delivered this.
fn after(plan: &Plan, output: Value) -> Next {
    let steps = steps_after(plan, &[(Succeeded, Some(output))]);
    let progress =
        Progress { actions: &plan.actions, steps: &steps, gates_passed: &[], holds_facts: HoldsFacts::Yes, now: now() };
    next(&progress, &Scope::frozen(plan.facts.as_ref().unwrap(), &steps, now()))
}

/// A step that calls an API after one that looks something up.
fn call(more: &str) -> String {
    format!("actions:\n  - {{ id: look, action: enrich }}\n  - id: call\n    action: http_request\n{more}\n")
}

const URL: &str = "https://api.example/";

#[test]
fn a_plan_holds_exactly_the_names_that_late_texts_and_conditions_read() {
    let check = |more: &str, expected: Value| {
        let plan = planned(&call(more), &facts(&main_job()));
        assert_eq!(json!(plan.facts), expected, "{more}");
    };
    let target = format!("    with: {{ url: \"{URL}\" }}");
    check(&target, json!({}));
    // What is known when the plan is made needs nothing later.
    check(&format!("    when: \"has(alert.source.ip)\"\n{target}"), json!({}));
    check(&format!("    with: {{ url: \"{URL}${{{{ incident.id }}}}\" }}"), json!({}));
    check(
        &format!("    when: \"has(alert.source.ip) && steps.look.output.verdict != 'benign'\"\n{target}"),
        json!({ "alert.source.ip": "91.23.11.9" }),
    );
    check(
        &format!("    when: \"now > timestamp('2020-01-01T00:00:00Z') && context.failed_attempts > 5\"\n{target}"),
        json!({ "context.failed_attempts": 20 }),
    );
    check(
        "    with: { url: \"https://api.example/\", method: \"${{ steps.look.output.verdict == 'unknown' ? incident.title : 'GET' }}\" }",
        json!({ "incident.title": "Brute force on admin from 91.23.11.9" }),
    );
    check(
        "    with: { url: \"https://api.example/\", body: { all: \"${{ [incident.tags, observables.map(o, o.value), steps.look.status] }}\" } }",
        json!({ "incident.tags": [], "observables": [
            { "kind": "ip", "value": "91.23.11.9", "field": "source.ip" },
            { "kind": "user", "value": "admin", "field": "user.name" },
        ] }),
    );
    // A name without a value has none later either; a step that does not run reads nothing.
    check(&format!("    when: \"has(context.missing) || steps.look.output.go\"\n{target}"), json!({}));
    check(&format!("    when: \"has(context.missing) && steps.look.output.go\"\n{target}"), json!({}));
}

#[test]
fn what_is_edited_after_the_signature_changes_nothing() {
    let alert = main_job();
    let check = |more: &str, edit: &dyn Fn(&mut Facts), expected: Value| {
        let before = facts(&alert);
        let plan = planned(&call(more), &before);
        let mut edited = before;
        edit(&mut edited);
        assert_ne!(json!(planned(&call(more), &edited).facts), json!(plan.facts), "the edit touches what is read");
        let Next::Execute { input, .. } = after(&plan, json!({ "verdict": "unknown", "hours": "1h" })) else { panic!("{more}") };
        assert_eq!(json!(input), expected, "{more}");
    };
    let title = |facts: &mut Facts| facts.incident.title = "DELETE".to_owned();
    check(
        "    with: { url: \"https://api.example/\", method: \"${{ steps.look.output.verdict == 'unknown' ? (incident.title == 'DELETE' ? 'DELETE' : 'GET') : 'PUT' }}\" }",
        &title,
        json!({ "url": URL, "method": "GET" }),
    );
    check(
        "    when: \"steps.look.status == 'succeeded' && incident.title != 'DELETE'\"\n    with: { url: \"https://api.example/\" }",
        &title,
        json!({ "url": URL }),
    );
    let tags = |facts: &mut Facts| facts.incident.tags = vec!["366d".to_owned()];
    check(
        "    with: { url: \"https://api.example/\", body: { duration: \"${{ size(incident.tags) > 0 ? incident.tags[0] : steps.look.output.hours }}\" } }",
        &tags,
        json!({ "url": URL, "body": { "duration": "1h" } }),
    );
}

#[test]
fn a_condition_that_waits_for_no_step_was_decided_with_the_plan() {
    let with = "    with: { url: \"https://api.example/\" }";
    let plan = planned(&call(&format!("    when: \"incident.title != 'DELETE'\"\n{with}")), &facts(&main_job()));
    assert_eq!((plan.actions[1].skipped, plan.actions[1].when_error.as_deref()), (false, None));
    assert!(matches!(after(&plan, json!({})), Next::Execute { .. }));
    let broken = planned(&call(&format!("    when: \"context.missing > 1\"\n{with}")), &facts(&main_job()));
    assert_eq!(broken.actions[1].when_error.as_deref(), Some("there is no `missing`"));
    let Next::Fail { error, .. } = after(&broken, json!({})) else { panic!() };
    assert_eq!(error, "its condition cannot be evaluated: there is no `missing`");
}

#[test]
fn at_a_gate_texts_are_resolved_from_what_the_plan_holds() {
    let rest = "actions:\n  - { id: look, action: enrich }\n  - id: block\n    action: block_ip\n    when: \"steps.look.output.go && incident.title != 'DELETE'\"\n    approval: { quorum: 1 }\n    with: { ip: \"${{ steps.look.output.go ? alert.source.ip : '192.0.2.1' }}\" }\n";
    let plan = planned(rest, &facts(&main_job()));
    let steps = steps_after(&plan, &[(Succeeded, Some(json!({ "go": true })))]);
    let scope = Scope::frozen(plan.facts.as_ref().unwrap(), &steps, now());
    let left = remaining(&plan.actions, &"block".parse().unwrap(), &scope, &live()).unwrap();
    assert_eq!((left[0].skipped, &left[0].parameters["ip"]), (false, &json!("91.23.11.9")));
}

#[test]
fn a_plan_without_facts_is_outdated_where_a_step_reads_some() {
    let plan = planned(
        &call("    with: { url: \"https://api.example/\", body: { t: \"${{ incident.title + steps.look.status }}\" } }"),
        &facts(&main_job()),
    );
    let steps = steps_after(&plan, &[(Succeeded, Some(json!({})))]);
    let progress = Progress { actions: &plan.actions, steps: &steps, gates_passed: &[], holds_facts: HoldsFacts::No, now: now() };
    let nothing = Scope::frozen(&serde_json::Map::new(), &steps, now());
    assert_eq!(next(&progress, &nothing), Next::Outdated { step: "call".parse().unwrap() });
    let as_it_is = facts(&main_job());
    let situation = Situation { facts: &as_it_is, steps: &steps, at: now() };
    let (left, frozen) = remaining_anew(&plan.actions, &"call".parse().unwrap(), &situation, &live()).unwrap();
    assert_eq!(left[0].parameters["body"], json!({ "t": "Brute force on admin from 91.23.11.9succeeded" }));
    assert_eq!(json!(frozen), json!({}));
    let (left, frozen) = {
        let situation = Situation { facts: &as_it_is, steps: &steps_after(&plan, &[]), at: now() };
        remaining_anew(&plan.actions, &"look".parse().unwrap(), &situation, &live()).unwrap()
    };
    assert_eq!((left[1].late.len(), json!(frozen)), (1, json!({ "incident.title": "Brute force on admin from 91.23.11.9" })));
}

#[test]
fn more_than_a_plan_can_hold_is_refused() {
    let rest = call(
        "    with: { url: \"https://api.example/\", body: { all: \"${{ steps.look.status == 'x' ? '' : context.blob }}\" } }",
    );
    let check = |bytes: usize, fits: bool| {
        let facts = facts(&json!({ "incident_type": "brute_force", "context": { "blob": "x".repeat(bytes) } }));
        let found = plan(&playbook(&rest), &facts, &live(), now());
        assert_eq!(found.is_ok(), fits, "{bytes}");
        if let Err(error) = found {
            assert_eq!(error.errors[0].pointer, "/facts");
            assert!(error.errors[0].detail.contains("`context.blob`"), "{error}");
        }
    };
    let spelled = r#"{"context.blob":""}"#.len();
    check(FACTS_BYTES_MAX - spelled, true);
    check(FACTS_BYTES_MAX - spelled + 1, false);
}

proptest! {
    /// Whatever a sender wrote into the context, a question about it has the same answer from the plan as from the incident.
    #[test]
    fn an_expression_ends_in_the_same_way_by_the_facts_of_the_plan(
        shape in 0_usize..6, question in 0_usize..8,
    ) {
        let contexts = [json!({}), json!({ "a": {} }), json!({ "a": { "b": "x" } }), json!({ "a": "x" }), json!({ "a": { "b": { "c": true } } }), json!({ "a": [1, 2] })];
        let questions = [
            "has(context.a)", "has(context.a.b)", "context.a == context.a", "context.a.b == 'x'", "has(context.a.b.c)",
            "'a' in context", "has(context.a) && has(context.a.b)", "size(context.a) > 1",
        ];
        let facts = facts(&json!({ "incident_type": "brute_force", "context": contexts[shape] }));
        let rest = call(&format!(
            "    with: {{ url: \"https://api.example/\", body: {{ answer: \"${{{{ steps.look.output.go ? ({}) : false }}}}\" }} }}", questions[question]
        ));
        let plan = plan(&playbook(&rest), &facts, &live(), now()).unwrap();
        let steps = steps_after(&plan, &[(Succeeded, Some(json!({ "go": true })))]);
        let progress = Progress { actions: &plan.actions, steps: &steps, gates_passed: &[], holds_facts: HoldsFacts::Yes, now: now() };
        let live = next(&progress, &Scope::in_run(&facts, &steps, now()));
        let frozen = next(&progress, &Scope::frozen(plan.facts.as_ref().unwrap(), &steps, now()));
        prop_assert_eq!(frozen, live);
    }
}
