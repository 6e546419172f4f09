//! Which rule speaks for which alert.

use serde_json::{Value, json};

use super::{ClassificationRules, SEARCHED_BYTES_MAX};
use crate::alert::parse_alert;
use crate::score::InputOrigin;

fn file() -> Value {
    json!({
        "version": 1,
        "rules": [
            {"name": "ransom note", "incident_type": "malware", "words": ["your files are encrypted"], "impact": 5, "likelihood": 5, "confidence": 4},
            {"name": "failed logins", "incident_type": "brute_force", "words": ["failed password", "brute force"], "impact": 4, "likelihood": 3},
            {"name": "malware", "incident_type": "malware", "words": ["trojan", "c2"], "impact": 4, "likelihood": 4}
        ],
        "default": {"incident_type": "other", "impact": 2, "likelihood": 2, "confidence": 3}
    })
}

pub(crate) fn rules() -> ClassificationRules {
    serde_json::from_value(file()).unwrap()
}

#[test]
fn the_first_rule_that_speaks_for_the_alert_classifies_it() {
    let check = |alert: Value, rule: &str, incident_type: &str, inputs: [u8; 3]| {
        let classified = rules().classify(&parse_alert(&alert).unwrap());
        let found = [classified.impact, classified.likelihood, classified.confidence];
        assert_eq!(
            (classified.rule.as_str(), classified.incident_type.as_str(), found),
            (rule, incident_type, inputs),
            "{alert}"
        );
    };
    check(json!({"raw_log": "sshd: Failed password for root"}), "failed logins", "brute_force", [4, 3, 3]);
    check(json!({"title": "Brute Force"}), "failed logins", "brute_force", [4, 3, 3]);
    check(json!({"title": "seen", "tags": ["C2"]}), "malware", "malware", [4, 4, 3]);
    check(json!({"title": "abc2d, trojans"}), "default", "other", [2, 2, 3]);
    check(json!({"title": "Trojan: your files are encrypted"}), "ransom note", "malware", [5, 5, 4]);
    check(json!({"title": "nothing that we know"}), "default", "other", [2, 2, 3]);
    check(json!({"incident_type": "brute_force"}), "failed logins", "brute_force", [4, 3, 3]);
    check(json!({"incident_type": "malware", "title": "trojan"}), "malware", "malware", [4, 4, 3]);
    check(json!({"incident_type": "malware"}), "malware", "malware", [4, 4, 3]);
    check(json!({"incident_type": "malware", "title": "Your files are encrypted"}), "ransom note", "malware", [5, 5, 4]);
    check(json!({"incident_type": "brute_force", "title": "trojan"}), "failed logins", "brute_force", [4, 3, 3]);
    check(json!({"incident_type": "heat_wave", "title": "trojan"}), "default", "heat_wave", [2, 2, 3]);
}

#[test]
fn a_confidence_that_no_rule_gives_is_the_default() {
    let check = |title: &str, origin: InputOrigin, confidence_origin: InputOrigin| {
        let classified = rules().classify(&parse_alert(&json!({"title": title})).unwrap());
        assert_eq!((classified.origin, classified.confidence_origin), (origin, confidence_origin), "{title}");
    };
    check("your files are encrypted", InputOrigin::Classified, InputOrigin::Classified);
    check("trojan", InputOrigin::Classified, InputOrigin::Default);
    check("calm", InputOrigin::Default, InputOrigin::Default);
}

#[test]
fn a_long_raw_log_is_searched_at_its_beginning() {
    let check = |padding: usize, rule: &str| {
        let alert = json!({"raw_log": format!("{} trojan", "ä".repeat(padding))});
        assert_eq!(rules().classify(&parse_alert(&alert).unwrap()).rule, rule);
    };
    check(SEARCHED_BYTES_MAX / 2 - 4, "malware");
    check(SEARCHED_BYTES_MAX / 2, "default");
}

#[test]
fn a_classification_file_is_validated() {
    assert_eq!(rules().validate(), Ok(()));
    let check = |pointer: &str, value: Value, expected: &str| {
        let mut file = file();
        *file.pointer_mut(pointer).unwrap() = value;
        let faults = serde_json::from_value::<ClassificationRules>(file).unwrap().validate().unwrap_err();
        assert_eq!(faults, [expected]);
    };
    check("/version", json!(2), "version must be 1");
    check("/rules/0/impact", json!(6), r#"rule "ransom note": impact must be 1 to 5"#);
    check("/rules/0/confidence", json!(0), r#"rule "ransom note": confidence must be 1 to 5"#);
    check("/rules/1/words", json!(["Failed"]), r#"rule "failed logins": words must be lower-case and not empty"#);
    check("/rules/1/words", json!([" "]), r#"rule "failed logins": words must be lower-case and not empty"#);
    check("/rules/2/name", json!("failed logins"), r#"rule "failed logins" stands twice"#);
    check("/rules/2/name", json!("default"), r#"rule "default": name must be neither empty nor "default""#);
    check("/default/likelihood", json!(9), "default: likelihood must be 1 to 5");
}

#[test]
fn a_classification_file_holds_nothing_unknown() {
    let mut file = file();
    file["rules"][0]["colour"] = json!("red");
    assert!(serde_json::from_value::<ClassificationRules>(file).unwrap_err().to_string().contains("colour"));
}
