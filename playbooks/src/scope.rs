//! What the names in an expression stand for: the incident, its first alert, the steps so far, the time. Which of them an
//! expression may use in its place is checked in `expression`.

use std::collections::BTreeMap;

use cel::Value;
use cel::common::value::Val;
use domain::alert::NormalisedAlert;
use domain::id::StepId;
use domain::incident::Incident;
use domain::observable::Observable;
use domain::run::{Step, StepStatus};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::expression::from_json;
use crate::frozen;

/// The variables of an expression.
pub const ROOTS: [&str; 7] = ["incident", "alert", "context", "observables", "enrichment", "steps", "now"];

/// The fields of `incident`; all of them always have a value.
pub const INCIDENT_FIELDS: [&str; 12] = [
    "id",
    "incident_type",
    "title",
    "state",
    "severity",
    "severity_rank",
    "risk_score",
    "verdict",
    "tags",
    "alert_count",
    "privileged_account",
    "critical_asset",
];

/// The ECS fields of `alert`; the objects on the way always exist, the last field only when it is known.
pub const ALERT_PATHS: [&str; 10] = [
    "alert.source.ip",
    "alert.destination.ip",
    "alert.host.name",
    "alert.user.name",
    "alert.domain",
    "alert.url.full",
    "alert.file.hash.md5",
    "alert.file.hash.sha1",
    "alert.file.hash.sha256",
    "alert.email.address",
];

/// The fields of `steps.<id>`; the output only exists once the step has one.
pub const STEP_FIELDS: [&str; 2] = ["output", "status"];

/// What is known about an incident when a playbook is asked about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub incident: Incident,
    /// The incident's first alert.
    pub alert: NormalisedAlert,
    /// The observables of all its alerts.
    pub observables: Vec<Observable>,
    /// What people had a hand in.
    pub by_hand: ByHand,
    /// What it would be if people had left it as it was: each with the alert that was its first one then.
    pub past: Past,
}

/// What of an incident comes from people, and not from its sources alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByHand {
    /// Its first alert was posted by a person, or with a key of an analyst.
    pub first_alert: bool,
    /// The same of any of its alerts.
    pub any_alert: bool,
    /// Its title is not what it was at first.
    pub title: bool,
    /// Its tags are not what they were at first.
    pub tags: bool,
}

/// What an incident was before people changed it.
#[derive(Clone, Debug, PartialEq)]
pub enum Past {
    Known(Vec<(Incident, NormalisedAlert)>),
    /// It was changed so often that not all of it was kept.
    TooLong,
}

impl Default for Past {
    fn default() -> Self {
        Self::Known(Vec::new())
    }
}

/// The values of all variables at one moment.
#[derive(Debug)]
pub struct Scope {
    finished: Vec<StepId>,
    variables: BTreeMap<&'static str, Box<dyn Val>>,
}

impl Scope {
    /// Before a run: no step has an output or a status yet.
    #[must_use]
    pub fn before_run(facts: &Facts, now: Timestamp) -> Self {
        Self::in_run(facts, &[], now)
    }

    /// In a run with these steps; those that are not finished yet have no name.
    #[must_use]
    pub fn in_run(facts: &Facts, steps: &[Step], now: Timestamp) -> Self {
        Self::of(values(facts), steps, now)
    }

    /// In a run whose plan holds these facts, by their paths: whatever was edited since has no part in it.
    #[must_use]
    pub fn frozen(facts: &Map<String, Json>, steps: &[Step], now: Timestamp) -> Self {
        Self::of(frozen::thawed(facts), steps, now)
    }

    fn of(values: Values, steps: &[Step], now: Timestamp) -> Self {
        let is_finished = |step: &&Step| !matches!(step.status, StepStatus::Pending | StepStatus::Running);
        let finished: Vec<&Step> = steps.iter().filter(is_finished).collect();
        let steps = Json::Object(finished.iter().map(|finished| step(finished)).collect());
        let run = [("steps", from_json(&steps)), ("now", Value::Timestamp(now.to_chrono().fixed_offset()))];
        let values = values.into_iter().map(|(name, value)| (name, from_json(&value))).chain(run);
        // The conversion refuses functions only, and there is none among these.
        let variables = values.filter_map(|(name, value)| Some((name, value.try_into().ok()?))).collect();
        Self { finished: finished.into_iter().map(|step| step.id.clone()).collect(), variables }
    }

    /// The steps that an expression can read here.
    #[must_use]
    pub fn finished_steps(&self) -> &[StepId] {
        &self.finished
    }

    /// The value of a variable, if it is one.
    pub(crate) fn variable(&self, name: &str) -> Option<&dyn Val> {
        self.variables.get(name).map(|value| value.as_ref() as &dyn Val)
    }
}

/// What the variables other than `steps` and `now` stand for.
pub(crate) type Values = BTreeMap<&'static str, Json>;

/// The same, as they are now.
pub(crate) fn values(facts: &Facts) -> Values {
    BTreeMap::from([
        ("incident", incident(&facts.incident)),
        ("alert", alert(&facts.alert)),
        ("context", Json::Object(facts.alert.context.clone())),
        ("observables", facts.observables.iter().map(observable).collect()),
        ("enrichment", json!({})),
    ])
}

/// The same of an incident of which nothing is known: only the maps that are always there.
pub(crate) fn empty_values() -> Values {
    BTreeMap::from([
        ("incident", json!({})),
        ("alert", alert(&NormalisedAlert::default())),
        ("context", json!({})),
        ("observables", json!([])),
        ("enrichment", json!({})),
    ])
}

fn incident(incident: &Incident) -> Json {
    json!({
        "id": incident.id,
        "incident_type": incident.incident_type,
        "title": incident.title,
        "state": incident.state,
        "severity": incident.severity,
        "severity_rank": incident.severity.rank(),
        "risk_score": incident.risk_score,
        "verdict": incident.verdict,
        "tags": incident.tags,
        "alert_count": incident.alert_count,
        "privileged_account": incident.privileged_account,
        "critical_asset": incident.critical_asset,
    })
}

/// The alert's ECS fields; `file.hash` is there even without a hash, so that `has(alert.file.hash.sha256)` is safe as well.
fn alert(alert: &NormalisedAlert) -> Json {
    let mut fields = alert.ecs_json();
    if let Some(Json::Object(file)) = fields.get_mut("file") {
        file.entry("hash").or_insert_with(|| json!({}));
    }
    fields
}

fn observable(observable: &Observable) -> Json {
    json!({ "kind": observable.kind, "value": observable.value, "field": observable.field })
}

fn step(step: &Step) -> (String, Json) {
    let mut fields = Map::from_iter([("status".to_owned(), Json::from(step.status.as_str()))]);
    if let Some(output) = &step.output {
        fields.insert("output".to_owned(), output.clone());
    }
    (step.id.to_string(), Json::Object(fields))
}
