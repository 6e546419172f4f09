//! What a file must be: every fault is found, with its place and what was expected, and a good file has one digest.

use playbooks::Playbook;

use crate::scenes::{faults, playbook};

const ACTIONS: &str = "actions:\n  - id: look\n    action: enrich\n";

#[test]
fn a_fault_is_reported_with_its_line_and_column() {
    let check = |rest: &str, expected: &[&str]| assert_eq!(faults(rest), expected, "{rest}");
    check(
        &format!("auto_run: \"true\"\n{ACTIONS}"),
        &["test.yaml:4:1: unknown field `auto_run`, expected one of `id`, `name`, `description`, `incident_type`, `priority`, \
         `when`, `requires_approval_if`, `approval`, `actions`, `on_success`, `tests`"],
    );
    check(
        &format!("{ACTIONS}    retry: {{ attempts: 3 }}\n"),
        &["test.yaml:7:5: actions[0]: unknown field `retry`, expected one of `id`, `action`, `when`, `with`, `approval`"],
    );
    check(
        &format!("when: \"incident.riskscore > 1\"\n{ACTIONS}"),
        &[
            "test.yaml:4:7: unknown variable `incident.riskscore`; expected one of the fields id, incident_type, title, state, severity, \
         severity_rank, risk_score, verdict, tags, alert_count, privileged_account, critical_asset (at /when)",
        ],
    );
    check("actions: []\n", &["test.yaml:4:10: must be 1 to 64 steps (at /actions)"]);
    check(
        "actions:\n  - id: x\n    action: launch_missile\n",
        &[
            "test.yaml:6:13: actions[0].action: unknown variant `launch_missile`, expected one of `enrich`, `block_ip`, `unblock_ip`, \
         `block_domain`, `unblock_domain`, `disable_user`, `enable_user`, `revoke_sessions`, `reset_password`, `isolate_host`, \
         `release_host`, `quarantine_email`, `create_ticket`, `notify`",
        ],
    );
}

#[test]
fn every_fault_is_found_at_once() {
    let rest = r#"
when: "launch()"
requires_approval_if: { verdict_in: [], condition: "1 +" }
actions:
  - { id: look, action: enrich, with: { kinds: [ip] } }
  - { id: look, action: block_ip, when: "steps.later.output == 1", with: { ip: nowhere, duration: soon } }
  - { id: tell, action: notify, with: { message: "${{ string(now) }}" } }
tests:
  - { name: t, alert: { incident_type: brute_force }, expect: { steps: [look, gone] } }
"#;
    let pointers: Vec<String> = faults(rest)
        .iter()
        .map(|fault| {
            let position = fault.split(": ").next().unwrap_or_default().trim_start_matches("test.yaml:");
            let pointer = fault.rsplit_once("(at ").map_or("", |(_, pointer)| pointer.trim_end_matches(')'));
            format!("{position} {pointer}")
        })
        .collect();
    assert_eq!(
        pointers,
        [
            "9:11 /actions/1/id",
            "6:37 /requires_approval_if/verdict_in",
            "12:72 /tests/0/expect/steps",
            "5:7 /when",
            "6:52 /requires_approval_if/condition",
            "8:48 /actions/0/with/kinds",
            "9:41 /actions/1/when",
            "9:99 /actions/1/with/duration",
            "9:80 /actions/1/with/ip",
            "10:39 /actions/2/with",
            "10:50 /actions/2/with/message",
        ]
    );
}

#[test]
fn values_have_limits() {
    let check = |rest: String, expected: &str| {
        let faults = faults(&rest);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{rest}: {faults:?}");
    };
    check(format!("approval: {{ quorum: 0 }}\n{ACTIONS}"), "must be 1 to 5");
    check(format!("approval: {{ quorum: 6 }}\n{ACTIONS}"), "must be 1 to 5");
    check(format!("approval: {{ expires_in: 25h }}\n{ACTIONS}"), "must be at most 24h");
    check(format!("approval: {{ expires_in: 4 hours }}\n{ACTIONS}"), "must be a whole number and s, m, h or d");
    check(format!("requires_approval_if: {{ destructive: false }}\n{ACTIONS}"), "a rule can only be true");
    check(format!("requires_approval_if: {{ privileged_account: false }}\n{ACTIONS}"), "a rule can only be true");
    check(format!("requires_approval_if: {{ severity_at_least: S7 }}\n{ACTIONS}"), "S1 to S5");
    check(format!("on_success: {{ transition: closed }}\n{ACTIONS}"), "must be contained");
    check(format!("description: {}\n{ACTIONS}", "x".repeat(4_097)), "must be at most 4096 bytes");
    check(format!("priority: high\n{ACTIONS}"), "priority: invalid type");
    let steps: String = (0..65).map(|n| format!("  - {{ id: s{n}, action: enrich }}\n")).collect();
    check(format!("actions:\n{steps}"), "must be 1 to 64 steps");
    let tests = "  - { name: t, alert: {}, expect: {} }\n".repeat(65);
    check(format!("{ACTIONS}tests:\n{tests}"), "must be at most 64 tests");
    check("actions:\n  - { id: Look, action: enrich }\n".to_owned(), "a lower-case letter");
    check("actions:\n  - { id: block, action: block_ip }\n".to_owned(), "block_ip needs `ip`");
    let head = |id: &str| format!("id: {id}\nname: Test\nincident_type: []\n{ACTIONS}");
    let refused = |text: String| Playbook::parse("x", text.as_bytes()).unwrap_err()[0].to_string();
    assert!(refused(head("pb-lower")).contains("PB- and 1 to 60 of A-Z, 0-9 and -"));
    assert!(refused(head("PB-X")).contains("a type such as brute_force, or a list of types"));
}

#[test]
fn a_target_known_only_during_the_run_needs_a_gate_at_its_step() {
    let file = |gate: &str, parameter: &str| {
        format!(
            "actions:\n  - {{ id: look, action: enrich }}\n  - id: act\n    action: block_ip\n    {gate}\n    with: {parameter}\n"
        )
    };
    let late_ip = "{ ip: \"${{ steps.look.output.address }}\" }";
    assert_eq!(faults(&file("approval: { quorum: 1 }", late_ip)), Vec::<String>::new());
    let refused = faults(&file("when: \"true\"", late_ip));
    assert!(refused.len() == 1 && refused[0].contains("the step needs an `approval` of its own"), "{refused:?}");
    let late_duration = "{ ip: 192.0.2.1, duration: \"${{ steps.look.output.length }}\" }";
    assert_eq!(faults(&file("when: \"true\"", late_duration)), Vec::<String>::new());
}

#[test]
fn the_digest_is_of_the_content_and_not_of_its_layout() {
    let one = playbook("priority: 1 # the highest\nactions: [{ id: look, action: enrich }]\n");
    let same = playbook("actions:\n  - action: enrich\n    id: look\npriority: 1\n");
    let other = playbook("actions: [{ id: look, action: enrich }]\n");
    assert_eq!(
        one.canonical(),
        r#"{"actions":[{"action":"enrich","id":"look"}],"id":"PB-TEST","incident_type":"brute_force","name":"Test","priority":1}"#
    );
    assert_eq!((one.canonical(), one.digest()), (same.canonical(), same.digest()));
    assert_ne!(one.digest(), other.digest());
    let stored = Playbook::from_stored(one.canonical(), Some(one.source())).unwrap();
    assert_eq!((stored.digest(), stored.document()), (one.digest(), one.document()));
    assert!(Playbook::from_stored("{}", None).is_err());
}
