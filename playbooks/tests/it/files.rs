//! What a file must be: every fault is found, with its place and what was expected, and a good file has one digest.

use domain::sealed::Sealed;
use playbooks::Playbook;

use crate::scenes::{faults, playbook};

const ACTIONS: &str = "actions:\n  - id: look\n    action: enrich\n";

#[test]
fn a_fault_is_reported_with_its_place_and_what_was_expected() {
    let check = |rest: &str, expected: &[&str]| assert_eq!(faults(rest), expected, "{rest}");
    check(
        &format!("auto_runs: \"true\"\n{ACTIONS}"),
        &[
            "test.yaml:4:1: the key `auto_runs` is not known here; expected one of id, name, description, incident_type, priority, \
         when, auto_run, requires_approval_if, approval, actions, on_success, close_if, escalate_if, tests; did you mean \
         `auto_run`? (at /auto_runs)",
        ],
    );
    check(
        &format!("{ACTIONS}    retrys: {{ attempts: 3 }}\n"),
        &[
            "test.yaml:7:5: the key `retrys` is not known here; expected one of id, action, when, with, approval, retry, timeout, \
         on_error, destructive, customer_impact; did you mean `retry`? (at /actions/0/retrys)",
        ],
    );
    check(
        &format!("when: \"incident.riskscore > 1\"\n{ACTIONS}"),
        &["test.yaml:4:8: unknown variable `incident.riskscore`; expected one of the fields id, incident_type, title, state, \
         severity, severity_rank, risk_score, verdict, tags, alert_count, privileged_account, critical_asset; did you mean \
         `incident.risk_score`? (at /when)"],
    );
    check("actions: []\n", &["test.yaml:4:10: the list has 0 items; expected 1 to 64 (at /actions)"]);
    check(
        "actions:\n  - id: x\n    action: block_id\n    with: { ip: 192.0.2.1 }\n",
        &["test.yaml:6:13: `block_id` is not known here; expected one of enrich, block_ip, unblock_ip, block_domain, \
         unblock_domain, disable_user, enable_user, revoke_sessions, reset_password, isolate_host, release_host, \
         quarantine_email, create_ticket, create_task, notify, http_request, add_tag, assign, set_verdict, capture_evidence, \
         wait, transition; did you mean `block_ip`? (at /actions/0/action)"],
    );
}

#[test]
fn the_place_of_a_fault_in_an_expression_is_inside_it() {
    let check = |rest: &str, expected: &str| {
        let found = faults(&format!("{rest}\n{ACTIONS}"));
        assert!(found.len() == 1 && found[0].starts_with(&format!("test.yaml:{expected}:")), "{rest}: {found:?}");
    };
    check("when: incident.risk_score > 1 && incident.mood == 'bad'", "4:34");
    check("when: \"has(alert.source.ip) && alert.sauce.ip != ''\"", "4:32");
    check("when: |\n  incident.risk_score > 1 &&\n  incident.mood == 'bad'", "6:3");
    check("requires_approval_if: { condition: \"size(context) > count(context)\" }", "4:53");
}

#[test]
fn every_fault_is_found_at_once() {
    let rest = r#"
when: "launch()"
requires_approval_if: { verdict_in: [], condition: "nothing" }
actions:
  - { id: look, action: enrich, with: { kinds: [ip] } }
  - { id: look, action: block_ip, when: "steps.later.output == 1", with: { ip: nowhere, duration: soon } }
  - { id: tell, action: notify, with: { message: "${{ string(now) }}" } }
tests:
  - { name: t, alert: { incident_type: brute_force }, expect: { steps: [look, gone] } }
surprise: 1
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
            "5:8 /when",
            "6:37 /requires_approval_if/verdict_in",
            "6:53 /requires_approval_if/condition",
            "8:41 /actions/0/with/kinds",
            "9:11 /actions/1/id",
            "9:42 /actions/1/when",
            "9:80 /actions/1/with/ip",
            "9:99 /actions/1/with/duration",
            "10:39 /actions/2/with",
            "10:62 /actions/2/with/message",
            "12:79 /tests/0/expect/steps/1",
            "13:1 /surprise",
        ]
    );
}

#[test]
fn values_have_limits() {
    let check = |rest: String, expected: &str| {
        let faults = faults(&rest);
        assert!(faults.len() == 1 && faults[0].contains(expected), "{rest}: {faults:?}");
    };
    check(format!("approval: {{ quorum: 0 }}\n{ACTIONS}"), "expected a whole number from 1 to 5");
    check(format!("approval: {{ quorum: 6 }}\n{ACTIONS}"), "expected a whole number from 1 to 5");
    check(format!("approval: {{ quorum: 1.5 }}\n{ACTIONS}"), "expected a whole number from 1 to 5");
    check(format!("approval: {{ expires_in: 25h }}\n{ACTIONS}"), "from 1s to 24h");
    check(format!("approval: {{ expires_in: 4 hours }}\n{ACTIONS}"), "from 1s to 24h");
    check(format!("requires_approval_if: {{ destructive: false }}\n{ACTIONS}"), "a rule can only be true");
    check(format!("requires_approval_if: {{ privileged_account: false }}\n{ACTIONS}"), "a rule can only be true");
    check(format!("requires_approval_if: {{ severity_at_least: S7 }}\n{ACTIONS}"), "expected one of S1, S2, S3, S4, S5");
    check(format!("on_success: {{ transition: closed }}\n{ACTIONS}"), "expected one of contained");
    check(format!("close_if: {{ reason: because }}\n{ACTIONS}"), "so it would always apply");
    check(format!("close_if: {{ verdict_in: [benign] }}\n{ACTIONS}"), "the key `reason` is missing");
    check(format!("escalate_if: {{ severity_at_least: S2, tag: \"two words\" }}\n{ACTIONS}"), "must be 1 to 64 of a-z");
    check(format!("{ACTIONS}    retry: {{ attempts: 11 }}\n"), "expected a whole number from 1 to 10");
    check(format!("{ACTIONS}    retry: {{ attempts: 2, backoff: 2h }}\n"), "from 1s to 1h");
    check(format!("{ACTIONS}    timeout: 0s\n"), "from 1s to 1h");
    check(format!("{ACTIONS}    on_error: panic\n"), "expected one of stop, continue, undo");
    check(format!("{ACTIONS}    destructive: false\n"), "a rule can only be true");
    check(format!("description: {}\n{ACTIONS}", "x".repeat(4_097)), "at most 4096 bytes");
    check(format!("priority: high\n{ACTIONS}"), "is a text; expected a whole number");
    let steps: String = (0..65).map(|n| format!("  - {{ id: s{n}, action: enrich }}\n")).collect();
    check(format!("actions:\n{steps}"), "the list has 65 items; expected 1 to 64");
    let tests = "  - { name: t, alert: {}, expect: {} }\n".repeat(65);
    check(format!("{ACTIONS}tests:\n{tests}"), "the list has 65 items; expected 0 to 64");
    check("actions:\n  - { id: Look, action: enrich }\n".to_owned(), "a lower-case letter");
    check("actions:\n  - { id: block, action: block_ip }\n".to_owned(), "block_ip needs `ip`");
    check("actions:\n  - { id: w, action: wait, with: { duration: 0s } }\n".to_owned(), "from 1s to 366d");
    check("actions:\n  - { id: t, action: transition, with: { to: closed } }\n".to_owned(), "must be contained");
    check("actions:\n  - { id: c, action: http_request, with: { url: \"ftp://x\" } }\n".to_owned(), "http:// or https://");
    let head = |id: &str| format!("id: {id}\nname: Test\nincident_type: []\n{ACTIONS}");
    let refused = |text: String| Playbook::parse("x", text.as_bytes()).unwrap_err()[0].to_string();
    assert!(refused(head("pb-lower")).contains("PB- and 1 to 60 of A-Z, 0-9 and -"));
    assert!(refused(head("PB-X")).contains("the list has 0 items; expected 1 to 64"));
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
    let sealed = |text: &str| Sealed::new(one.digest(), Some(text.to_owned()));
    let stored = Playbook::from_stored(&sealed(one.canonical()), Some(one.source())).unwrap();
    assert_eq!((stored.digest(), stored.document()), (one.digest(), one.document()));
    assert!(Playbook::from_stored(&Sealed::of("{}".to_owned()), None).is_err(), "no playbook at all");
    for (canonical, source) in [(other.canonical(), None), (one.canonical(), Some(other.source()))] {
        let refused = Playbook::from_stored(&sealed(canonical), source).unwrap_err();
        assert!(refused[0].to_string().contains("changed in the database"), "{refused:?}");
    }
}
