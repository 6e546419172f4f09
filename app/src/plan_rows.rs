//! A plan as numbered rows, read from the very JSON that is signed; and a playbook as the same rows, before it is resolved. What
//! this code does not know is shown as it stands: nothing of a plan may be hidden from the person who signs it.

use std::str::FromStr;

use domain::action::Action;
use domain::canonical;
use domain::digest::Digest;
use serde_json::{Map, Value, json};

use crate::components::simulated_banner::SIMULATED;
use crate::playbook_words;

/// Members of an action that have a place of their own in a row.
const PLACED: [&str; 17] = [
    "step",
    "action",
    "connector",
    "connector_revision",
    "destructive",
    "undo",
    "when",
    "when_error",
    "parameters",
    "late",
    "skipped",
    "gate",
    "on_error",
    "customer_impact",
    "retry",
    "timeout",
    "timeout_s",
];

const ENRICH: &str = "enrich";

/// What an approver must see of a step in one glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    Destructive,
    NotDestructive,
    CustomerImpact,
    ReadsOnly,
    Simulated,
    Skipped,
    Gate,
}

/// A parameter, and whether the action aims at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub value: String,
    pub target: bool,
    /// Still source text: known only during the run.
    pub late: bool,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    pub number: usize,
    pub step: String,
    pub title: String,
    pub action: String,
    pub connector: String,
    pub parameters: Vec<Parameter>,
    pub badges: Vec<Badge>,
    pub undo: Option<String>,
    pub when: Option<String>,
    /// How many people sign before this step.
    pub gate: Option<u64>,
    pub on_error: OnError,
    /// How often it is tried, how long that may take, what follows a failure: in words.
    pub terms: Vec<String>,
}

/// What a run does when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    #[default]
    Stop,
    Continue,
    /// What went well before is taken back, the last first.
    Undo,
}

/// The steps of a plan or of a gate plan, in order.
pub fn rows(plan: &Value) -> Vec<PlanRow> {
    let actions = plan.get("actions").and_then(Value::as_array);
    actions.into_iter().flatten().enumerate().map(|(index, action)| row(index + 1, action)).collect()
}

/// The steps of a playbook as it is written, in order: parameters are source text, and no connector is chosen yet.
pub fn of_document(document: &Value) -> Vec<PlanRow> {
    let actions = document.get("actions").and_then(Value::as_array);
    actions.into_iter().flatten().enumerate().map(|(index, action)| row(index + 1, &as_planned(action))).collect()
}

/// A written step in the form of a planned one; members of either form that have no counterpart stay as they are.
fn as_planned(written: &Value) -> Value {
    let mut planned = written.as_object().cloned().unwrap_or_default();
    let manifest = Action::from_str(&member(written, "action")).ok().map(Action::manifest);
    let stricter = written.get("destructive") == Some(&Value::Bool(true));
    for (from, to) in [("id", "step"), ("with", "parameters"), ("approval", "gate")] {
        if let Some(value) = planned.remove(from) {
            planned.insert(to.to_owned(), value);
        }
    }
    planned.insert("destructive".to_owned(), json!(stricter || manifest.is_some_and(|manifest| manifest.destructive)));
    let noticed = written.get("customer_impact") == Some(&Value::Bool(true));
    let noticed = noticed || manifest.is_some_and(|manifest| manifest.customer_impact);
    planned.insert("customer_impact".to_owned(), json!(noticed));
    planned.insert("undo".to_owned(), json!(manifest.and_then(|manifest| manifest.undo)));
    Value::Object(planned)
}

/// The digest of a plan's JSON, computed here and now.
pub fn digest(plan: &Value) -> Digest {
    Digest::of(canonical::to_json(plan).as_bytes())
}

/// What the plan aims at: each target once, with the titles of the actions that touch it.
pub fn targets(rows: &[PlanRow]) -> Vec<(Parameter, Vec<String>)> {
    let mut found: Vec<(Parameter, Vec<String>)> = Vec::new();
    for row in rows.iter().filter(|row| !row.badges.contains(&Badge::Skipped)) {
        for parameter in row.parameters.iter().filter(|parameter| parameter.target) {
            match found.iter_mut().find(|(known, _)| known == parameter) {
                Some((_, titles)) => titles.push(row.title.clone()),
                None => found.push((parameter.clone(), vec![row.title.clone()])),
            }
        }
    }
    found
}

/// The text of a JSON value without the quotes of a string.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn row(number: usize, json: &Value) -> PlanRow {
    let action = member(json, "action");
    let known = Action::from_str(&action).ok();
    PlanRow {
        number,
        step: member(json, "step"),
        title: known.map_or_else(|| action.clone(), |known| known.manifest().title.to_owned()),
        connector: member(json, "connector"),
        parameters: parameters(json, known),
        badges: badges(json, &action),
        undo: optional(json, "undo").map(|word| Action::from_str(&word).map_or(word, |undo| undo.manifest().title.to_owned())),
        when: optional(json, "when"),
        gate: json
            .get("gate")
            .filter(|gate| gate.is_object())
            .map(|gate| gate.get("quorum").and_then(Value::as_u64).unwrap_or(1)),
        on_error: on_error(json),
        terms: playbook_words::step_terms(json),
        action,
    }
}

fn on_error(json: &Value) -> OnError {
    match member(json, "on_error").as_str() {
        "continue" => OnError::Continue,
        "undo" => OnError::Undo,
        _ => OnError::Stop,
    }
}

fn parameters(json: &Value, action: Option<Action>) -> Vec<Parameter> {
    let late: Vec<String> = json.get("late").and_then(Value::as_array).into_iter().flatten().map(plain).collect();
    let is_target =
        |name: &str| action.is_some_and(|action| action.manifest().parameters.iter().any(|p| p.name == name && p.target));
    let empty = Map::new();
    let given = json.get("parameters").and_then(Value::as_object).unwrap_or(&empty);
    let others = json.as_object().into_iter().flatten().filter(|(name, _)| !PLACED.contains(&name.as_str()));
    let parameter = |(name, value): (&String, &Value)| Parameter {
        name: name.clone(),
        value: plain(value),
        target: is_target(name),
        late: late.contains(name),
    };
    let mut found: Vec<Parameter> = given.iter().chain(others).map(parameter).collect();
    found.sort_by_key(|parameter| !parameter.target);
    found
}

fn badges(json: &Value, action: &str) -> Vec<Badge> {
    let is = |name: &str| json.get(name).and_then(Value::as_bool) == Some(true);
    let mut badges = vec![match action {
        _ if is("destructive") => Badge::Destructive,
        ENRICH => Badge::ReadsOnly,
        _ => Badge::NotDestructive,
    }];
    badges.extend(is("customer_impact").then_some(Badge::CustomerImpact));
    badges.extend((member(json, "connector") == SIMULATED).then_some(Badge::Simulated));
    badges.extend(is("skipped").then_some(Badge::Skipped));
    badges.extend(json.get("gate").is_some_and(Value::is_object).then_some(Badge::Gate));
    badges
}

fn member(json: &Value, name: &str) -> String {
    optional(json, name).unwrap_or_default()
}

fn optional(json: &Value, name: &str) -> Option<String> {
    json.get(name).filter(|value| !value.is_null()).map(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(step: Value) -> PlanRow {
        of_document(&json!({ "actions": [step] })).remove(0)
    }

    #[test]
    fn a_written_step_reads_like_a_planned_one() {
        let row = written(json!({
            "id": "block", "action": "block_ip", "when": "has(alert.source.ip)", "with": { "duration": "24h", "ip": "${{ alert.source.ip }}" },
            "approval": { "quorum": 2 }, "on_error": "undo", "retry": { "attempts": 3 }
        }));
        assert_eq!((row.step.as_str(), row.title.as_str(), row.connector.as_str()), ("block", "Block address", ""));
        assert_eq!((row.undo.as_deref(), row.gate, row.on_error), (Some("Unblock address"), Some(2), OnError::Undo));
        assert_eq!(row.badges, [Badge::Destructive, Badge::CustomerImpact, Badge::Gate]);
        let named: Vec<&str> = row.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(named, ["ip", "duration"], "the target first");
        assert_eq!(row.terms.len(), 2, "nothing is left out: {:?}", row.terms);
    }

    #[test]
    fn a_step_is_as_destructive_as_its_action_or_more() {
        for (step, expected) in [
            (json!({ "id": "a", "action": "notify" }), Badge::NotDestructive),
            (json!({ "id": "a", "action": "notify", "destructive": true }), Badge::Destructive),
            (json!({ "id": "a", "action": "isolate_host", "destructive": false }), Badge::Destructive),
            (json!({ "id": "a", "action": "enrich" }), Badge::ReadsOnly),
        ] {
            assert_eq!(written(step).badges[0], expected);
        }
    }

    #[test]
    fn unless_it_says_otherwise_a_failure_stops_the_run() {
        for (word, expected) in [("stop", OnError::Stop), ("continue", OnError::Continue), ("anything", OnError::Stop)] {
            assert_eq!(written(json!({ "id": "a", "action": "notify", "on_error": word })).on_error, expected);
        }
        assert_eq!(written(json!({ "id": "a", "action": "notify" })).on_error, OnError::Stop);
    }
}
