//! What is embedded: the shipped playbooks with their own tests, the scoring rules of the specification, the classification.

use domain::alert::parse_alert;
use domain::id::PlaybookId;
use domain::playbook::PlaybookOrigin;
use domain::severity::Severity;
use playbooks::plan::plan;
use playbooks::testing::check_tests;
use playbooks::{Library, LibraryFile};
use serde_json::{Value, json};

use crate::scenes::{facts, library, live, main_job, now};

#[test]
fn every_shipped_playbook_passes_its_own_tests() {
    let library = library();
    let ids: Vec<&str> = library.list().map(|(_, playbook)| playbook.id().as_str()).collect();
    assert_eq!(
        ids,
        [
            "PB-BEACONING",
            "PB-BRUTE-FORCE",
            "PB-DATA-EXFIL",
            "PB-LATERAL-MOVEMENT",
            "PB-MALWARE",
            "PB-PHISHING",
            "PB-PRIVILEGE-ESCALATION",
            "PB-RANSOMWARE",
            "PB-SUSPICIOUS-IP",
            "PB-SUSPICIOUS-LOGIN",
        ]
    );
    for (origin, playbook) in library.list() {
        assert_eq!(origin, PlaybookOrigin::Shipped);
        assert!(!playbook.document().tests.is_empty(), "{}", playbook.id());
        assert_eq!(check_tests(playbook, &library, now()), [], "{}", playbook.id());
    }
}

#[test]
fn a_test_that_does_not_hold_says_what_it_found() {
    let text = r"
id: PB-WRONG
name: Wrong
incident_type: phishing
actions:
  - { id: tell, action: notify, with: { channel: soc, message: hello } }
tests:
  - name: expects too much
    alert: { incident_type: phishing, impact: 3, likelihood: 3, confidence: 3 }
    expect: { severity: S2, approval: required, steps: [], state: contained }
  - name: is for something else
    alert: { incident_type: malware }
    expect: {}
";
    let playbook = playbooks::Playbook::parse("wrong.yaml", text.as_bytes()).unwrap();
    let details: Vec<String> = check_tests(&playbook, &library(), now()).into_iter().map(|failure| failure.detail).collect();
    assert_eq!(
        details,
        [
            "severity: expected S2, found S4",
            "approval: expected Required, found NotRequired",
            r#"steps: expected [], found ["tell"]"#,
            "state: expected Contained, found InProgress",
            "the playbook is not applicable to this alert",
        ]
    );
}

#[test]
fn the_main_job_is_scored_proposed_and_must_be_signed() {
    let (library, facts) = (library(), facts(&main_job()));
    assert_eq!((facts.incident.risk_score, facts.incident.severity), (66, Severity::S2));
    let proposed = library.propose(&facts, now()).unwrap();
    assert_eq!(proposed.id().as_str(), "PB-BRUTE-FORCE");
    let plan = plan(proposed, &facts, &live(), now()).unwrap();
    let rules: Vec<&str> = plan.approval.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    assert_eq!(rules, ["severity_at_least", "privileged_account", "destructive"]);
    assert_eq!((plan.approval.required, plan.approval.quorum, plan.approval.expires_in_s), (true, 1, 14_400));
    let parameters: Vec<Value> = plan.actions.iter().map(|action| json!(action.parameters)).collect();
    assert_eq!(
        parameters,
        [
            json!({ "observables": ["ip"] }),
            json!({ "ip": "91.23.11.9", "duration": "24h" }),
            json!({ "user": "admin" }),
            json!({ "channel": "soc", "message": "Contained INC-0000000001: Brute force on admin from 91.23.11.9" }),
        ]
    );
    assert!(plan.actions.iter().all(|action| !action.skipped && action.late.is_empty() && action.gate.is_none()));
}

#[test]
fn the_moderate_phishing_alert_is_not_signed() {
    let facts = facts(&json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 }));
    assert_eq!((facts.incident.risk_score, facts.incident.severity), (29, Severity::S4));
    let library = library();
    let plan = plan(library.propose(&facts, now()).unwrap(), &facts, &live(), now()).unwrap();
    assert!(!plan.approval.required && plan.approval.reasons.is_empty());
}

#[test]
fn the_classification_knows_every_type_and_ends_with_the_default() {
    let classification = library().classification;
    let known = [
        "brute_force",
        "malware",
        "phishing",
        "suspicious_ip",
        "suspicious_login",
        "lateral_movement",
        "data_exfil",
        "beaconing",
        "privilege_escalation",
        "ransomware",
        "other",
    ];
    for known in known {
        let classified = classification.classify(&parse_alert(&json!({ "incident_type": known })).unwrap());
        assert_eq!(classified.incident_type.as_str(), known);
        assert_ne!(classified.rule, "default", "{known}");
    }
    let check = |alert: Value, expected: (&str, u8, u8, u8)| {
        let classified = classification.classify(&parse_alert(&alert).unwrap());
        let found = (classified.incident_type.as_str(), classified.impact, classified.likelihood, classified.confidence);
        assert_eq!(found, expected, "{alert}");
    };
    check(json!({ "title": "something odd" }), ("other", 2, 2, 3));
    check(json!({ "incident_type": "brand_new" }), ("brand_new", 2, 2, 3));
    check(json!({ "title": "Ransomware on FILESERVER-02" }), ("ransomware", 5, 4, 3));
    check(json!({ "raw_log": "sshd: Failed password for root" }), ("brute_force", 3, 3, 3));
}

#[test]
fn a_folder_lies_over_what_is_shipped() {
    let file = |name: &str, text: &str| LibraryFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let own = |id: &str, priority: i32| {
        format!(
            "id: {id}\nname: Own\nincident_type: [brute_force]\npriority: {priority}\nactions: [{{ id: look, action: enrich }}]\n"
        )
    };
    let files = [
        file("a.yaml", &own("PB-BRUTE-FORCE", 0)),
        file("b.yaml", &own("PB-BRUTE-FORCE", 9)),
        file("broken.yaml", "id: PB-PHISHING\nname: [\n"),
        file("c.yaml", &own("PB-URGENT", 1)),
    ];
    let (library, errors) = library().with_folder(&files);
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0], "b.yaml: PB-BRUTE-FORCE is in a.yaml already");
    assert!(errors[1].starts_with("broken.yaml:"), "{errors:?}");
    let origins: Vec<(PlaybookOrigin, &str)> = ["PB-BRUTE-FORCE", "PB-MALWARE", "PB-PHISHING", "PB-URGENT"]
        .into_iter()
        .filter_map(|id| library.find_with_origin(&id.parse().unwrap()))
        .map(|(origin, playbook)| (origin, playbook.document().name.as_str()))
        .collect();
    let expected = [
        (PlaybookOrigin::Folder, "Own"),
        (PlaybookOrigin::Shipped, "Malware containment"),
        (PlaybookOrigin::Shipped, "Phishing response"),
        (PlaybookOrigin::Folder, "Own"),
    ];
    assert_eq!(origins, expected);
    let proposed = library.propose(&facts(&main_job()), now()).unwrap();
    assert_eq!(proposed.id().as_str(), "PB-URGENT");
    assert!(library.find(&"PB-NOBODY".parse::<PlaybookId>().unwrap()).is_none());
}

#[test]
fn equal_priority_goes_to_the_smallest_id_and_no_fit_is_nothing() {
    let own = |id: &str, when: &str| {
        let text =
            format!("id: {id}\nname: Own\nincident_type: other\nwhen: \"{when}\"\nactions: [{{ id: look, action: enrich }}]\n");
        LibraryFile { name: format!("{id}.yaml"), bytes: text.into_bytes() }
    };
    let check = |files: &[LibraryFile], expected: Option<&str>| {
        let (library, errors) = Library::shipped().unwrap().with_folder(files);
        assert_eq!(errors, []);
        let facts = facts(&json!({ "incident_type": "other", "title": "odd" }));
        assert_eq!(library.propose(&facts, now()).map(|playbook| playbook.id().as_str()), expected);
    };
    check(&[], None);
    check(&[own("PB-B", "true"), own("PB-A", "true")], Some("PB-A"));
    check(&[own("PB-A", "incident.risk_score > 90"), own("PB-B", "true")], Some("PB-B"));
    check(&[own("PB-A", "incident.risk_score > 90")], None);
    // Its plan says what is wrong with it.
    check(&[own("PB-A", "context.missing > 90")], Some("PB-A"));
}

#[test]
fn the_times_are_those_of_the_specification() {
    const HOUR: i64 = 3_600_000;
    let rules = playbooks::sla_rules().unwrap();
    let mut incident = facts(&main_job()).incident;
    for (severity, acknowledge_ms, contain_ms) in [
        (Severity::S1, Some(HOUR / 4), Some(4 * HOUR)),
        (Severity::S2, Some(HOUR), Some(24 * HOUR)),
        (Severity::S3, Some(8 * HOUR), Some(72 * HOUR)),
        (Severity::S4, Some(72 * HOUR), Some(14 * 24 * HOUR)),
        (Severity::S5, None, None),
    ] {
        incident.severity = severity;
        let sla = rules.of(&incident, incident.created_at);
        let due = |target: Option<domain::sla::SlaTarget>| target.map(|target| target.due_at.since_ms(incident.created_at));
        assert_eq!((due(sla.acknowledge), due(sla.contain)), (acknowledge_ms, contain_ms), "{severity}");
    }
}

#[test]
fn there_is_a_sample_of_every_type_that_is_known_and_its_playbook_can_be_planned() {
    let library = library();
    let samples = playbooks::samples::samples();
    let names: Vec<&str> = samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "beaconing",
            "brute_force",
            "data_exfil",
            "lateral_movement",
            "malware",
            "other",
            "phishing",
            "privilege_escalation",
            "ransomware",
            "suspicious_ip",
            "suspicious_login",
        ]
    );
    for sample in samples {
        let facts = facts(&sample.alert);
        assert_eq!(facts.incident.incident_type.as_str(), sample.name);
        let proposed = library.propose(&facts, now());
        assert_eq!(proposed.is_none(), sample.name == "other", "{}", sample.name);
        if let Some(playbook) = proposed {
            assert!(plan(playbook, &facts, &live(), now()).is_ok(), "{}", sample.name);
        }
    }
}

#[test]
fn the_documented_actions_are_those_of_the_registry() {
    let parameter = |parameter: &domain::action::Parameter| match (parameter.target, parameter.required) {
        (true, _) => format!("**{}**", parameter.name),
        (false, true) => parameter.name.to_owned(),
        (false, false) => format!("[{}]", parameter.name),
    };
    let yes = |holds: bool| if holds { "yes" } else { "no" };
    let row = |action: &domain::action::Action| {
        let manifest = action.manifest();
        let parameters: Vec<String> = manifest.parameters.iter().map(parameter).collect();
        let undo = manifest.undo.map_or("|".to_owned(), |undo| format!("`{undo}` |"));
        let (destructive, noticed) = (yes(manifest.destructive), yes(manifest.customer_impact));
        format!("| `{action}` | {} | {destructive} | {noticed} | {undo}", parameters.join(", "))
    };
    let expected: Vec<String> = domain::action::Action::ALL.iter().map(row).collect();
    let document = include_str!("../../../docs/PLAYBOOKS.md");
    let rows: Vec<&str> = document.lines().filter(|line| expected.contains(&(*line).to_owned())).collect();
    assert_eq!(rows, expected, "docs/PLAYBOOKS.md has this table");
}
