//! A plan as numbered rows, read from the very JSON that is signed. What this code does not know is shown as it stands:
//! nothing of a plan may be hidden from the person who signs it.

use std::str::FromStr;

use domain::action::Action;
use domain::canonical;
use domain::digest::Digest;
use serde_json::{Map, Value};

use crate::components::simulated_banner::SIMULATED;

/// Members of an action that have a place of their own in a row.
const PLACED: [&str; 11] =
    ["step", "action", "connector", "connector_revision", "destructive", "undo", "when", "parameters", "late", "skipped", "gate"];

const ENRICH: &str = "enrich";

/// What an approver must see of a step in one glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    Destructive,
    NotDestructive,
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
}

/// The steps of a plan or of a gate plan, in order.
pub fn rows(plan: &Value) -> Vec<PlanRow> {
    let actions = plan.get("actions").and_then(Value::as_array);
    actions.into_iter().flatten().enumerate().map(|(index, action)| row(index + 1, action)).collect()
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
        action,
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
