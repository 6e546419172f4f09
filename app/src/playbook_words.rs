//! What a playbook asks for, in words, read from its document.

use domain::playbook::PlaybookOrigin;
use serde_json::Value;

use crate::plan_rows::plain;
use crate::wording;

/// The rules in the order in which people think of them.
const ORDER: [&str; 5] = ["severity_at_least", "privileged_account", "verdict_in", "destructive", "condition"];

/// The rules of which any that holds asks for a signature, in words; none if nothing does.
pub fn approval_rules(document: &Value) -> Vec<String> {
    let rules = document.get("requires_approval_if").and_then(Value::as_object);
    let mut rules: Vec<_> = rules.into_iter().flatten().collect();
    rules.sort_by_key(|(rule, _)| ORDER.iter().position(|known| known == rule).unwrap_or(ORDER.len()));
    let mut words: Vec<String> = rules.into_iter().map(|(rule, value)| rule_in_words(rule, value)).collect();
    let gates = document.get("actions").and_then(Value::as_array).into_iter().flatten();
    let gates = gates.filter(|action| action.get("approval").is_some_and(Value::is_object)).count() as u64;
    if gates > 0 {
        words.push(format!("{} by itself", wording::count(gates, "step asks", "steps ask")));
    }
    words
}

/// How many must sign, and by when.
pub fn approval_terms(document: &Value) -> String {
    let quorum = document.pointer("/approval/quorum").and_then(Value::as_u64).unwrap_or(1);
    let expires = document.pointer("/approval/expires_in").map_or("4h".to_owned(), plain);
    format!("{} within {expires}", wording::count(quorum, "signature", "signatures"))
}

/// Where a version comes from.
pub const fn origin(origin: PlaybookOrigin) -> &'static str {
    match origin {
        PlaybookOrigin::Shipped => "shipped",
        PlaybookOrigin::Folder => "folder",
        PlaybookOrigin::Upload => "uploaded",
    }
}

fn rule_in_words(rule: &str, value: &Value) -> String {
    match rule {
        "severity_at_least" => format!("severity is {} or worse", plain(value)),
        "privileged_account" => "the account is privileged".to_owned(),
        "verdict_in" => format!("the verdict is {}", any_of(value)),
        "destructive" => "any step is destructive".to_owned(),
        "condition" => plain(value),
        other => format!("{}: {}", other.replace('_', " "), plain(value)),
    }
}

fn any_of(value: &Value) -> String {
    value.as_array().map_or_else(|| plain(value), |items| items.iter().map(plain).collect::<Vec<_>>().join(" or "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{approval_rules, approval_terms};

    fn check(document: Value, rules: &[&str], terms: &str) {
        assert_eq!(
            (approval_rules(&document), approval_terms(&document).as_str()),
            (rules.iter().map(|rule| (*rule).to_owned()).collect(), terms)
        );
    }

    #[test]
    fn rules_and_terms_are_said_in_words() {
        check(json!({}), &[], "1 signature within 4h");
        check(
            json!({
                "requires_approval_if": { "severity_at_least": "S2", "verdict_in": ["malicious", "suspicious"], "destructive": true },
                "approval": { "quorum": 2, "expires_in": "30m" },
                "actions": [{ "id": "lock", "approval": { "quorum": 1 } }, { "id": "tell" }]
            }),
            &[
                "severity is S2 or worse",
                "the verdict is malicious or suspicious",
                "any step is destructive",
                "1 step asks by itself",
            ],
            "2 signatures within 30m",
        );
        check(
            json!({ "requires_approval_if": { "condition": "true", "on_weekends": true } }),
            &["true", "on weekends: true"],
            "1 signature within 4h",
        );
    }
}
