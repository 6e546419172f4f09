//! Plans: what is resolved, what is late or skipped, what must be signed and why, and what cannot be planned.

use domain::plan::{Gate, Plan, RunMode};
use domain::run::StepStatus;
use domain::verdict::Verdict;
use playbooks::plan::{Starter, Terms, plan, remaining};
use playbooks::{ByHand, Facts, Past, Scope};
use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::scenes::{Connectors, facts, library, live, main_job, now, playbook, steps_after};

fn bare() -> Facts {
    facts(&json!({ "incident_type": "brute_force", "impact": 3, "likelihood": 3, "confidence": 3 }))
}

fn planned(rest: &str, facts: &Facts) -> Plan {
    plan(&playbook(rest), facts, &live(), now()).unwrap_or_else(|error| panic!("{rest}: {error}"))
}

#[test]
fn the_same_facts_make_the_same_plan_and_it_holds_no_time() {
    let rest = "actions:\n  - { id: tell, action: notify, with: { channel: soc, message: \"${{ context.map(k, k)[0] }}\" } }\n";
    let (facts, playbook) = (facts(&main_job()), playbook(rest));
    let first = plan(&playbook, &facts, &live(), now()).unwrap();
    for ms in [1, 60_000, 86_400_000] {
        assert_eq!(plan(&playbook, &facts, &live(), now().plus_ms(ms)).unwrap().digest(), first.digest());
    }
    assert_eq!(first.actions[0].parameters["message"], json!("failed_attempts"));
    let members: Vec<String> = json!(first).as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["actions", "approval", "facts", "incident_id", "mode", "on_success", "playbook"]);
}

#[test]
fn the_rules_that_hold_ask_for_an_approval_and_say_why() {
    let actions = "actions:\n  - { id: block, action: block_ip, with: { ip: 192.0.2.1 } }\n";
    let check = |rules: &str, change: &dyn Fn(&mut Facts), expected: &[&str]| {
        let mut facts = bare();
        change(&mut facts);
        let approval = planned(&format!("requires_approval_if: {rules}\n{actions}"), &facts).approval;
        let reasons: Vec<String> = approval.reasons.iter().map(|reason| format!("{}: {}", reason.rule, reason.detail)).collect();
        assert_eq!(reasons, expected, "{rules}");
        assert_eq!(approval.required, !expected.is_empty(), "{rules}");
    };
    let nothing = |_: &mut Facts| {};
    let severe = |facts: &mut Facts| facts.incident.severity = "S2".parse().unwrap();
    let most_severe = |facts: &mut Facts| facts.incident.severity = "S1".parse().unwrap();
    check("{}", &nothing, &[]);
    check("{ severity_at_least: S2 }", &nothing, &[]);
    check("{ severity_at_least: S4 }", &nothing, &["severity_at_least: the incident is S4, at least S4"]);
    check("{ severity_at_least: S3 }", &severe, &["severity_at_least: the incident is S2, at least S3"]);
    check("{ privileged_account: true }", &nothing, &[]);
    let privileged = |facts: &mut Facts| facts.incident.privileged_account = true;
    check("{ privileged_account: true }", &privileged, &["privileged_account: a privileged account is involved"]);
    check("{ verdict_in: [malicious] }", &nothing, &[]);
    let malicious = |facts: &mut Facts| facts.incident.verdict = Verdict::Malicious;
    check("{ verdict_in: [suspicious, malicious] }", &malicious, &["verdict_in: the verdict is malicious"]);
    check("{ destructive: true }", &nothing, &["destructive: destructive steps: block"]);
    check("{ condition: \"incident.risk_score > 50\" }", &nothing, &[]);
    check("{ condition: \"incident.risk_score > 5\" }", &nothing, &["condition: the condition holds: incident.risk_score > 5"]);
    check(
        "{ condition: \"context.failed > 500\" }",
        &nothing,
        &[
            "condition: the condition cannot be evaluated (there is no `failed`), so an approval is required: context.failed > 500",
        ],
    );
    check(
        "{}",
        &most_severe,
        &["governance: the incident is S1, and these steps are destructive or noticed by customers: block"],
    );
}

#[test]
fn what_the_incident_was_before_people_changed_it_asks_too() {
    let actions = "actions:\n  - { id: block, action: block_ip, with: { ip: 192.0.2.1 } }\n";
    let check = |rules: &str, was: &dyn Fn(&mut Facts), expected: &[&str]| {
        let mut before = bare();
        was(&mut before);
        let facts = Facts { past: Past::Known(vec![(before.incident, before.alert)]), ..bare() };
        let approval = planned(&format!("requires_approval_if: {rules}\n{actions}"), &facts).approval;
        let reasons: Vec<String> = approval.reasons.iter().map(|reason| format!("{}: {}", reason.rule, reason.detail)).collect();
        assert_eq!(reasons, expected, "{rules}");
        assert_eq!(approval.required, !expected.is_empty(), "{rules}");
        assert!(approval.reasons.iter().all(|reason| reason.past), "{rules}");
    };
    let severe = |facts: &mut Facts| facts.incident.severity = "S1".parse().unwrap();
    check("{}", &|_| {}, &[]);
    check(
        "{}",
        &severe,
        &[
            "governance: the incident is S1, and these steps are destructive or noticed by customers: block, before people changed it",
        ],
    );
    check(
        "{ severity_at_least: S1 }",
        &severe,
        &[
            "severity_at_least: the incident is S1, at least S1, before people changed it",
            "governance: the incident is S1, and these steps are destructive or noticed by customers: block, before people changed it",
        ],
    );
    let malicious = |facts: &mut Facts| facts.incident.verdict = Verdict::Malicious;
    check("{ verdict_in: [malicious] }", &malicious, &["verdict_in: the verdict is malicious, before people changed it"]);
    let tagged = |facts: &mut Facts| facts.incident.tags = vec!["vip".to_owned()];
    let vip = "condition: the condition holds: 'vip' in incident.tags, before people changed it";
    check("{ condition: \"'vip' in incident.tags\" }", &tagged, &[vip]);
    let others = |facts: &mut Facts| facts.alert.context.insert("failed".to_owned(), json!(501)).map_or((), drop);
    let failed = "condition: the condition holds: has(context.failed) && context.failed > 500, before people changed it";
    check("{ condition: \"has(context.failed) && context.failed > 500\" }", &others, &[failed]);
}

#[test]
fn an_incident_that_people_changed_too_often_asks_for_whatever_takes_something_away() {
    let facts = Facts { past: Past::TooLong, ..bare() };
    assert!(planned("actions:\n  - { id: block, action: block_ip, with: { ip: 192.0.2.1 } }\n", &facts).approval.required);
    assert!(!planned("actions: [{ id: look, action: enrich }]\n", &facts).approval.required);
}

#[test]
fn what_a_person_chose_the_target_of_is_signed() {
    let check = |by_hand: ByHand, action: &str, expected: bool| {
        let facts = Facts { by_hand, ..facts(&main_job()) };
        let plan = planned(&format!("actions:\n  - {{ id: act, {action} }}\n"), &facts);
        assert_eq!(plan.approval.required, expected, "{action} {by_hand:?}");
        for reason in &plan.approval.reasons {
            let detail = "a person posted the alert or wrote the words that these steps take their targets from: act";
            assert_eq!((reason.rule.as_str(), reason.detail.as_str()), ("governance", detail));
        }
    };
    let nothing = ByHand::default();
    let first = ByHand { first_alert: true, any_alert: true, ..nothing };
    let later = ByHand { any_alert: true, ..nothing };
    let of_alert = "action: block_ip, with: { ip: \"${{ alert.source.ip }}\" }";
    check(nothing, of_alert, false);
    check(first, of_alert, true);
    check(later, of_alert, false);
    check(first, "action: disable_user, with: { user: \"${{ context.target_account }}\" }", true);
    check(first, "action: disable_user, when: \"context.privileged_account\", with: { user: admin }", true);
    check(first, "action: block_ip, with: { ip: 192.0.2.1 }", false);
    check(first, "action: notify, with: { channel: soc, message: \"${{ alert.source.ip }}\" }", false);
    let of_all = "action: disable_user, with: { user: \"${{ observables.filter(o, o.kind == 'user')[0].value }}\" }";
    check(nothing, of_all, false);
    check(later, of_all, true);
    let of_title = "action: disable_user, with: { user: \"${{ incident.title }}\" }";
    check(nothing, of_title, false);
    check(ByHand { title: true, ..nothing }, of_title, true);
    check(ByHand { tags: true, ..nothing }, of_title, false);
    check(first, of_title, true);
    check(
        ByHand { tags: true, ..nothing },
        "action: disable_user, with: { user: \"${{ size(incident.tags) > 0 ? incident.tags[0] : 'none' }}\" }",
        true,
    );
}

#[test]
fn harmless_steps_on_a_severe_incident_and_dry_runs_are_not_signed() {
    let mut facts = bare();
    facts.incident.severity = "S1".parse().unwrap();
    assert!(!planned("actions: [{ id: look, action: enrich }]\n", &facts).approval.required);
    let risky = playbook(
        "requires_approval_if: { destructive: true }\nactions:\n  - { id: block, action: block_ip, approval: { quorum: 2 }, with: { ip: 192.0.2.1 } }\n",
    );
    let dry = Terms { mode: RunMode::DryRun, starter: Starter::Person, bindings: &Connectors("simulated", 1) };
    let plan = plan(&risky, &facts, &dry, now()).unwrap();
    assert!(!plan.approval.required && plan.actions[0].gate.is_none());
}

#[test]
fn a_parameter_without_a_value_is_named_unless_its_step_is_skipped() {
    let check = |when: &str, expected: Result<(bool, Value), &str>| {
        let rest = format!(
            "actions:\n  - {{ id: look, action: enrich }}\n  - {{ id: block, action: block_ip, {when} with: {{ ip: \"${{{{ alert.source.ip }}}}\" }} }}\n"
        );
        let found = plan(&playbook(&rest), &bare(), &live(), now())
            .map(|plan| (plan.actions[1].skipped, plan.actions[1].parameters["ip"].clone()))
            .map_err(|error| error.errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect::<String>());
        assert_eq!(found, expected.map_err(str::to_owned), "{when}");
    };
    let source = json!("${{ alert.source.ip }}");
    check("", Err("/actions/block/with/ip there is no `ip`"));
    check("when: \"true\",", Err("/actions/block/with/ip there is no `ip`"));
    check("when: \"steps.look.output.verdict != 'benign'\",", Err("/actions/block/with/ip there is no `ip`"));
    check("when: \"context.missing > 1\",", Err("/actions/block/with/ip there is no `ip`"));
    check("when: \"has(alert.source.ip)\",", Ok((true, source.clone())));
    check("when: \"has(alert.source.ip) && steps.look.output.verdict != 'benign'\",", Ok((true, source)));
}

#[test]
fn a_value_that_does_not_fit_its_parameter_is_named_as_well() {
    let alert = json!({ "incident_type": "brute_force", "context": { "address": "nowhere", "number": 5 } });
    let rest = r#"actions:
  - { id: block, action: block_ip, with: { ip: "${{ context.address }}", duration: "${{ context.number }}" } }
  - { id: tell, action: notify, with: { channel: "${{ context.number }}", message: "n ${{ context.number }}" } }
"#;
    let errors = plan(&playbook(rest), &facts(&alert), &live(), now()).unwrap_err().errors;
    let found: Vec<String> = errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect();
    assert_eq!(
        found,
        [
            "/actions/block/with/duration must be a text that is not empty",
            "/actions/block/with/ip must be an IPv4 or IPv6 address",
            "/actions/tell/with/channel must be a text that is not empty",
        ]
    );
}

#[test]
fn a_playbook_whose_own_condition_cannot_be_evaluated_cannot_be_planned() {
    let playbook = playbook("when: \"context.missing > 1\"\nactions: [{ id: look, action: enrich }]\n");
    let errors = plan(&playbook, &bare(), &live(), now()).unwrap_err().errors;
    assert_eq!((errors[0].pointer.as_str(), errors[0].detail.as_str()), ("/when", "there is no `missing`"));
}

const GATED: &str = r#"approval: { quorum: 2, expires_in: 1h }
actions:
  - { id: look, action: enrich }
  - id: block
    action: block_ip
    with: { ip: "${{ steps.look.output.address }}", duration: 24h }
    approval: { quorum: 3, expires_in: 30m }
  - id: check
    action: enrich
  - id: lock
    action: disable_user
    when: "steps.look.output.account"
    with: { user: "${{ alert.user.name }}" }
  - { id: tell, action: notify, with: { channel: soc, message: "${{ steps.check.output.verdict }}" } }
on_success: { transition: contained }
"#;

#[test]
fn what_waits_for_a_step_stays_as_it_is_written_and_is_marked_late() {
    let plan = planned(GATED, &facts(&main_job()));
    assert_eq!((plan.approval.quorum, plan.approval.expires_in_s), (2, 3_600));
    let block = &plan.actions[1];
    assert_eq!(block.parameters["ip"], json!("${{ steps.look.output.address }}"));
    assert_eq!(
        (block.late.as_slice(), block.gate.clone()),
        (["ip".to_owned()].as_slice(), Some(Gate { quorum: 3, expires_in_s: 1_800 }))
    );
    assert_eq!((plan.actions[3].when.as_deref(), plan.actions[3].skipped), (Some("steps.look.output.account"), false));
    assert_eq!(plan.actions[4].late, ["message"]);
}

#[test]
fn at_a_gate_what_is_left_is_resolved_again() {
    let facts = facts(&main_job());
    let plan = planned(GATED, &facts);
    let looked = json!({ "address": "192.0.2.9", "account": false });
    let steps = steps_after(&plan, &[(StepStatus::Succeeded, Some(looked))]);
    let scope = Scope::in_run(&facts, &steps, now());
    let moved = Connectors("blocklist", 7);
    let terms = Terms { mode: RunMode::Live, starter: Starter::Person, bindings: &moved };
    let left = remaining(&plan.actions, &"block".parse().unwrap(), &scope, &terms).unwrap();
    let steps: Vec<&str> = left.iter().map(|action| action.step.as_str()).collect();
    assert_eq!(steps, ["block", "check", "lock", "tell"]);
    assert_eq!((&left[0].parameters["ip"], left[0].late.len()), (&json!("192.0.2.9"), 0));
    assert_eq!((left[0].connector.as_str(), left[0].connector_revision), ("blocklist", 7));
    assert!(left[2].skipped && left[2].parameters["user"] == json!("admin"));
    assert_eq!(left[3].late, ["message"]);
}

#[test]
fn a_target_that_its_step_did_not_deliver_is_named_at_the_gate() {
    let facts = facts(&main_job());
    let plan = planned(GATED, &facts);
    let check = |output: Value, expected: &str| {
        let steps = steps_after(&plan, &[(StepStatus::Succeeded, Some(output))]);
        let scope = Scope::in_run(&facts, &steps, now());
        let error = remaining(&plan.actions, &"block".parse().unwrap(), &scope, &live()).unwrap_err();
        assert_eq!(error.to_string(), format!("the plan cannot be made: /actions/block/with/ip: {expected}"));
    };
    check(json!({}), "there is no `address`");
    check(json!({ "address": "nowhere" }), "must be an IPv4 or IPv6 address");
}

proptest! {
    #[test]
    fn whatever_an_alert_holds_the_shipped_playbooks_can_be_planned(
        incident_type in "brute_force|phishing|malware|ransomware", severity in "critical|high|medium|low",
        user in ".{0,40}", host in ".{0,40}", domain in "[\\PC.]{0,40}", email in "\\PC{0,20}@\\PC{0,20}", attempts in ".{0,9}|[0-9]{1,9}",
    ) {
        let context = json!({ "user": user, "host": host, "domain": domain, "email": email, "failed_attempts": attempts });
        let alert = json!({ "incident_type": incident_type, "severity": severity, "context": context });
        let Ok(alert) = domain::alert::parse_alert(&alert) else { return Ok(()) };
        let library = library();
        let facts = playbooks::testing::facts_of(alert, &library, now());
        let playbook = library.propose(&facts, now()).unwrap();
        let planned = plan(playbook, &facts, &live(), now()).unwrap();
        let stored: Plan = serde_json::from_str(&planned.canonical()).unwrap();
        prop_assert_eq!(stored.digest(), planned.digest());
        prop_assert_eq!(stored, planned);
    }
}
