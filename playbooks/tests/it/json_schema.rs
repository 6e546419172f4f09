//! The JSON Schema against the loader: an independent validator takes every shipped file, and refuses whatever the loader refuses
//! for its shape.

use playbooks::{Library, Playbook, schema};
use serde_json::{Value, json};

/// Every key that a playbook can have, without a name that must be found elsewhere in it.
fn full() -> Value {
    json!({
        "id": "PB-FULL", "name": "Full", "description": "Everything", "incident_type": ["brute_force", "other"], "priority": 3,
        "when": "true", "auto_run": "false",
        "requires_approval_if": {
            "severity_at_least": "S2", "privileged_account": true, "verdict_in": ["malicious"], "destructive": true,
            "condition": "true"
        },
        "approval": { "quorum": 2, "expires_in": "24h" },
        "actions": [
            { "id": "look", "action": "enrich", "when": "true", "with": { "observables": ["ip"] }, "timeout": "30s" },
            {
                "id": "block", "action": "block_ip", "with": { "ip": "192.0.2.1", "duration": "1d" },
                "approval": { "quorum": 1 }, "retry": { "attempts": 3, "backoff": "2s" }, "on_error": "undo",
                "destructive": true, "customer_impact": true
            },
            { "id": "tell", "action": "notify", "with": { "channel": "soc", "message": "hello" } },
            { "id": "rest", "action": "wait", "with": { "duration": "10m" } }
        ],
        "on_success": { "transition": "contained" },
        "close_if": { "verdict_in": ["benign"], "condition": "true", "reason": "harmless" },
        "escalate_if": {
            "severity_at_least": "high", "verdict_in": ["malicious"], "condition": "true", "tag": "tier2", "assignee": "lead"
        },
        "tests": [{
            "name": "t", "alert": { "incident_type": "brute_force" }, "given": { "verdict": "benign" },
            "expect": { "severity": "S1", "approval": "required", "run": "failed", "state": "contained", "closes": "yes",
                        "escalates": "no", "starts_by_itself": "no" }
        }]
    })
}

fn loads(document: &Value) -> bool {
    Playbook::parse("mutation.yaml", document.to_string().as_bytes()).is_ok()
}

/// The pointers to every value of a document but the alerts, which the loader does not look into.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, inner)| (format!("{at}/{key}"), inner)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, inner)| (format!("{at}/{index}"), inner)).collect(),
        _ => Vec::new(),
    };
    for (pointer, inner) in inner.into_iter().filter(|(pointer, _)| !pointer.ends_with("/alert")) {
        found.push(pointer.clone());
        pointers(inner, &pointer, found);
    }
}

/// The document with each value replaced, each key left out, and a key too many in each map.
fn mutations() -> Vec<(String, Value)> {
    let full = full();
    let (mut places, mut mutations) = (vec![String::new()], Vec::new());
    pointers(&full, "", &mut places);
    let others =
        [json!(null), json!(7), json!(-1), json!(1.5), json!(true), json!(false), json!(""), json!(" "), json!([]), json!({})];
    for place in &places {
        for other in &others {
            let mut mutated = full.clone();
            *mutated.pointer_mut(place).unwrap() = other.clone();
            mutations.push((format!("{place} := {other}"), mutated));
        }
        if full.pointer(place).is_some_and(Value::is_object) {
            let mut mutated = full.clone();
            mutated.pointer_mut(place).unwrap()["surprise"] = json!(1);
            mutations.push((format!("{place} + surprise"), mutated));
        }
        if let Some((parent, key)) = place.rsplit_once('/') {
            let mut mutated = full.clone();
            if let Some(entries) = mutated.pointer_mut(parent).and_then(Value::as_object_mut) {
                entries.remove(key);
                mutations.push((format!("{place} left out"), mutated));
            }
        }
    }
    for (place, text) in [
        ("/approval/expires_in", "25h"),
        ("/approval/expires_in", "86401s"),
        ("/approval/expires_in", "1440m"),
        ("/actions/1/retry/backoff", "61m"),
        ("/actions/3/with/duration", "367d"),
        ("/actions/3/with/duration", "07d"),
        ("/actions/1/on_error", "explode"),
        ("/actions/1/action", "launch_missile"),
        ("/id", "pb-lower"),
        ("/incident_type/0", "Brute Force"),
        ("/escalate_if/tag", "two words"),
        ("/actions/1/with/ip", "${{ alert.source.ip }}"),
    ] {
        let mut mutated = full.clone();
        *mutated.pointer_mut(place).unwrap() = json!(text);
        mutations.push((format!("{place} := {text}"), mutated));
    }
    mutations
}

#[test]
fn the_schema_takes_every_shipped_playbook() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    for (_, playbook) in Library::shipped().unwrap().list() {
        let document: Value = serde_json::from_str(playbook.canonical()).unwrap();
        let faults: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(faults, Vec::<String>::new(), "{}", playbook.id());
    }
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn the_schema_and_the_loader_agree_on_every_mutation_of_the_shape() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    assert!(loads(&full()) && validator.is_valid(&full()));
    let mutations = mutations();
    assert!(mutations.len() > 700, "{}", mutations.len());
    let differing: Vec<&str> = mutations
        .iter()
        .filter(|(_, document)| loads(document) != validator.is_valid(document))
        .map(|(what, _)| what.as_str())
        .collect();
    assert_eq!(differing, Vec::<&str>::new());
}

#[test]
fn the_schema_beside_the_shipped_files_is_this_one() {
    let shipped: Value = serde_json::from_str(include_str!("../../playbook.schema.json")).unwrap();
    assert!(shipped == schema(), "run `countersign playbook schema > playbooks/playbook.schema.json`");
}
