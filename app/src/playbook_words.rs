//! What a playbook asks for, in words, read from its document.

use domain::plan::BACKOFF_S_DEFAULT;
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

/// How often a step is tried and how long that may take, as far as it says so, and what follows a failure that does not just end the
/// run. What this code does not know is shown as it stands.
pub fn step_terms(step: &Value) -> Vec<String> {
    let time = step.get("timeout_s").and_then(Value::as_u64).map(span);
    let time = time.or_else(|| step.get("timeout").map(plain));
    let retry = step.get("retry").filter(|retry| !retry.is_null());
    let each = |before: &str| time.map(|time| format!("{before}for at most {time}")).unwrap_or_default();
    let tried = match (retry, retry.and_then(attempts)) {
        (None, _) => each(""),
        (Some(_), Some((1, _))) => format!("tried once{}", each(", ")),
        (Some(_), Some((times, wait))) => {
            format!("tried up to {times} times, {wait} apart at first, then longer{}", each(", each "))
        }
        (Some(other), None) => format!("retry: {}{}", plain(other), each(", ")),
    };
    let after = match step.get("on_error").map(plain).as_deref() {
        None | Some("stop") => None,
        Some("continue") => Some("if it fails, the run goes on".to_owned()),
        Some("undo") => Some("if it fails, what was done before is taken back".to_owned()),
        Some(other) => Some(format!("if it fails: {other}")),
    };
    [Some(tried).filter(|tried| !tried.is_empty()), after].into_iter().flatten().collect()
}

/// All attempts together, and the first wait between two; in a plan or as a playbook writes it.
fn attempts(retry: &Value) -> Option<(u64, String)> {
    let times = retry.get("attempts").and_then(Value::as_u64)?;
    let planned = retry.get("backoff_s").and_then(Value::as_u64).map(span);
    let wait = planned.or_else(|| retry.get("backoff").map(plain)).unwrap_or_else(|| span(u64::from(BACKOFF_S_DEFAULT)));
    Some((times, wait))
}

/// Seconds in the largest unit that has a whole number of them.
fn span(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 3_600;
    match seconds {
        0 => "0 s".to_owned(),
        seconds if seconds.is_multiple_of(HOUR) => format!("{} h", seconds / HOUR),
        seconds if seconds.is_multiple_of(MINUTE) => format!("{} min", seconds / MINUTE),
        seconds => format!("{seconds} s"),
    }
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

    use super::{approval_rules, approval_terms, step_terms};

    fn check(document: Value, rules: &[&str], terms: &str) {
        assert_eq!(
            (approval_rules(&document), approval_terms(&document).as_str()),
            (rules.iter().map(|rule| (*rule).to_owned()).collect(), terms)
        );
    }

    #[test]
    fn what_a_step_is_given_is_said_in_words() {
        for (step, expected) in [
            (json!({}), vec![]),
            (
                json!({ "retry": { "attempts": 1, "backoff_s": 2 }, "timeout_s": 60, "on_error": "stop" }),
                vec!["tried once, for at most 1 min"],
            ),
            (
                json!({ "retry": { "attempts": 3, "backoff_s": 90 }, "timeout_s": 3600, "on_error": "undo" }),
                vec![
                    "tried up to 3 times, 90 s apart at first, then longer, each for at most 1 h",
                    "if it fails, what was done before is taken back",
                ],
            ),
            (
                json!({ "retry": { "attempts": 2, "backoff": "5s" }, "timeout": "30s", "on_error": "continue" }),
                vec!["tried up to 2 times, 5s apart at first, then longer, each for at most 30s", "if it fails, the run goes on"],
            ),
            (json!({ "retry": "often", "on_error": "shout" }), vec!["retry: often", "if it fails: shout"]),
        ] {
            assert_eq!(step_terms(&step), expected, "{step}");
        }
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
