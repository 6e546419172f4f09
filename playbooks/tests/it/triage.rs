//! What playbooks do by themselves: start, close, escalate; and what they then may not do without a signature.

use domain::incident::State;
use domain::verdict::Verdict;
use playbooks::plan::{Starter, Terms, plan};
use playbooks::triage::{Closing, Escalation, may_concern};
use playbooks::{Library, LibraryFile, Triage, triage};
use serde_json::json;

use crate::scenes::{facts, live, main_job, now, playbook};

fn library(files: &[&str]) -> Library {
    let file = |(place, rest): (usize, &&str)| {
        let text = format!(
            "id: PB-OWN-{place}\nname: Own\nincident_type: brute_force\n{rest}actions: [{{ id: look, action: enrich }}]\n"
        );
        LibraryFile { name: format!("{place}.yaml"), bytes: text.into_bytes() }
    };
    let files: Vec<LibraryFile> = files.iter().enumerate().map(file).collect();
    let (library, faults) = Library::shipped().unwrap().with_folder(&files);
    assert_eq!(faults, []);
    library
}

#[test]
fn the_first_that_fits_starts_and_an_expression_without_a_value_starts_nothing() {
    let check = |files: &[&str], expected: Option<&str>| {
        let found = triage(&library(files), &facts(&main_job()), now());
        assert_eq!(found.start.as_ref().map(|id| id.as_str()), expected, "{files:?}");
    };
    check(&[""], None);
    check(&["auto_run: \"incident.severity_rank <= 2\"\n"], Some("PB-OWN-0"));
    check(&["auto_run: \"incident.severity_rank <= 1\"\n"], None);
    check(&["auto_run: \"context.missing > 1\"\n"], None);
    check(&["auto_run: \"true\"\nwhen: \"false\"\n", "auto_run: \"true\"\n"], Some("PB-OWN-1"));
    check(&["auto_run: \"true\"\n", "auto_run: \"true\"\npriority: 1\n"], Some("PB-OWN-1"));
}

#[test]
fn a_rule_closes_only_what_nobody_has_taken_up_and_then_nothing_starts() {
    let library = library(&["auto_run: \"true\"\nclose_if: { verdict_in: [benign], reason: harmless }\n"]);
    let mut facts = facts(&main_job());
    let own = || "PB-OWN-0".parse().unwrap();
    let closed = Triage { close: Some(Closing { playbook_id: own(), reason: "harmless".into() }), ..Triage::default() };
    let started = Triage { start: Some(own()), ..Triage::default() };
    for (state, verdict, expected) in [
        (State::Classified, Verdict::Benign, closed),
        (State::Classified, Verdict::Unknown, started.clone()),
        (State::InProgress, Verdict::Benign, started),
        (State::Contained, Verdict::Benign, Triage::default()),
        (State::Closed, Verdict::Benign, Triage::default()),
    ] {
        (facts.incident.state, facts.incident.verdict) = (state, verdict);
        assert_eq!(triage(&library, &facts, now()), expected, "{state} {verdict}");
    }
}

#[test]
fn an_escalation_needs_everything_that_its_rule_gives() {
    let library = library(&["escalate_if: { severity_at_least: S2, verdict_in: [malicious], tag: tier2, assignee: lead }\n"]);
    let mut facts = facts(&main_job());
    assert_eq!((triage(&library, &facts, now()), may_concern(&library, &facts.incident)), (Triage::default(), false));
    facts.incident.verdict = Verdict::Malicious;
    let escalated = Escalation { playbook_id: "PB-OWN-0".parse().unwrap(), tag: "tier2".into(), assignee: Some("lead".into()) };
    assert_eq!(triage(&library, &facts, now()).escalate, [escalated]);
    assert!(may_concern(&library, &facts.incident));
}

#[test]
fn what_starts_by_itself_is_signed_if_it_is_destructive_or_noticed() {
    let facts = facts(&json!({ "incident_type": "brute_force", "severity": "low", "src_ip": "192.0.2.1" }));
    let rules = |rest: &str, starter: Starter| {
        let terms = Terms { starter, ..live() };
        let plan = plan(&playbook(rest), &facts, &terms, now()).unwrap();
        plan.approval.reasons.into_iter().map(|reason| reason.rule).collect::<Vec<_>>()
    };
    let block = "actions: [{ id: block, action: block_ip, with: { ip: 192.0.2.1 } }]\n";
    let look = "actions: [{ id: look, action: enrich }]\n";
    let noticed = "actions: [{ id: look, action: enrich, customer_impact: true }]\n";
    assert_eq!(rules(block, Starter::Itself), ["governance"]);
    assert_eq!(rules(noticed, Starter::Itself), ["governance"]);
    assert_eq!(rules(block, Starter::Person), Vec::<String>::new());
    assert_eq!(rules(look, Starter::Itself), Vec::<String>::new());
}

#[test]
fn a_playbook_can_make_an_action_stricter() {
    let facts = facts(&main_job());
    let rest = "requires_approval_if: { destructive: true }\nactions: [{ id: look, action: enrich, destructive: true }]\n";
    let plan = plan(&playbook(rest), &facts, &live(), now()).unwrap();
    assert!(plan.actions[0].destructive && plan.approval.required);
}
