//! Runs the tests that come with a playbook: alert, score, plan, and a run in which everything is signed and every connector is
//! simulated. Real connectors, stores and clocks have no part in it.

use domain::action::Action;
use domain::alert::{FieldError, NormalisedAlert, assess, parse_alert};
use domain::id::{IncidentId, StepId};
use domain::incident::{Incident, State};
use domain::plan::{PlannedAction, RunMode};
use domain::run::{Step, StepStatus};
use domain::score::Circumstances;
use domain::timestamp::Timestamp;
use domain::verdict::Verdict;
use serde_json::{Value as Json, json};

use crate::library::Library;
use crate::load::Playbook;
use crate::plan::{Bindings, ConnectorBinding, Terms, plan};
use crate::run::{Next, Progress, next};
use crate::schema::{ApprovalExpectation, Expectation, PlaybookTest};
use crate::scope::{Facts, Scope};

/// What a test expected and did not find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    pub test: String,
    pub detail: String,
}

/// Runs every test of a playbook with the library's rules for scores and types. Nothing is returned if all of them hold.
#[must_use]
pub fn check_tests(playbook: &Playbook, library: &Library, now: Timestamp) -> Vec<TestFailure> {
    let check = |test: &PlaybookTest| {
        let details = match observe(playbook, library, test, now) {
            Ok(observed) => differences(&test.expect, &observed),
            Err(detail) => vec![detail],
        };
        details.into_iter().map(|detail| TestFailure { test: test.name.clone(), detail }).collect::<Vec<_>>()
    };
    playbook.document().tests.iter().flat_map(check).collect()
}

/// The facts about a new incident that this alert alone makes, as the service would make it.
#[must_use]
pub fn facts_of(alert: NormalisedAlert, library: &Library, now: Timestamp) -> Facts {
    let assessed = assess(&alert, &library.classification, &library.scoring);
    let circumstances = Circumstances {
        privileged_account: alert.privileged_account,
        critical_asset: alert.critical_asset,
        verdict: Verdict::Unknown,
        alert_count: 1,
    };
    let score = library.scoring.score(&assessed.inputs, &circumstances);
    let incident = Incident {
        id: IncidentId::new(1),
        title: alert.derived_title(&assessed.incident_type),
        incident_type: assessed.incident_type,
        state: State::Classified,
        severity: score.severity,
        risk_score: score.value,
        score: score.rows,
        verdict: Verdict::Unknown,
        verdict_reasons: Vec::new(),
        assignee: None,
        tags: alert.tags.clone(),
        analyst_notes: String::new(),
        alert_count: 1,
        privileged_account: alert.privileged_account,
        critical_asset: alert.critical_asset,
        entities: Vec::new(),
        created_at: now,
        updated_at: now,
        acknowledged_at: None,
        contained_at: None,
        resolved_at: None,
        closed_at: None,
        merged_into: None,
        version: 1,
    };
    Facts { incident, observables: alert.observables(), alert }
}

/// What a test can look at.
struct Observed {
    facts: Facts,
    approval: ApprovalExpectation,
    steps: Vec<StepId>,
    state: State,
}

fn observe(playbook: &Playbook, library: &Library, test: &PlaybookTest, now: Timestamp) -> Result<Observed, String> {
    let alert = parse_alert(&test.alert).map_err(|errors| format!("the alert is not valid: {}", listed(&errors)))?;
    let facts = facts_of(alert, library, now);
    if !playbook.is_applicable(&facts, now).map_err(|error| format!("its `when`: {error}"))? {
        return Err("the playbook is not applicable to this alert".to_owned());
    }
    let terms = Terms { mode: RunMode::Live, bindings: &Simulated };
    let plan = plan(playbook, &facts, &terms, now).map_err(|error| error.to_string())?;
    let steps = run(&plan.actions, &facts, now)?;
    let approval = if plan.approval.required { ApprovalExpectation::Required } else { ApprovalExpectation::NotRequired };
    Ok(Observed { facts, approval, steps, state: plan.on_success.unwrap_or(State::InProgress) })
}

/// Runs a plan to its end, with every gate signed, and says which steps ran.
fn run(actions: &[PlannedAction], facts: &Facts, now: Timestamp) -> Result<Vec<StepId>, String> {
    let gates_passed: Vec<StepId> = actions.iter().map(|action| action.step.clone()).collect();
    let mut steps: Vec<Step> = actions.iter().map(pending).collect();
    let mut ran = Vec::new();
    loop {
        let progress = Progress { actions, steps: &steps, gates_passed: &gates_passed };
        match next(&progress, &Scope::in_run(facts, &steps, now)) {
            Next::Execute { step, input } => {
                settle(&mut steps, &step, |step| {
                    step.status = StepStatus::Succeeded;
                    step.output = Some(simulated_output(step.action));
                    step.input = Some(Json::Object(input));
                });
                ran.push(step);
            }
            Next::Skip { step, .. } => settle(&mut steps, &step, |step| step.status = StepStatus::Skipped),
            Next::Complete => return Ok(ran),
            Next::Fail { step, error } => return Err(format!("step {step} fails: {error}")),
            Next::Gate { step } | Next::InDoubt { step } => return Err(format!("step {step} does not go on")),
        }
    }
}

fn settle(steps: &mut [Step], id: &StepId, change: impl FnOnce(&mut Step)) {
    if let Some(step) = steps.iter_mut().find(|step| step.id == *id) {
        change(step);
    }
}

fn pending(action: &PlannedAction) -> Step {
    Step {
        id: action.step.clone(),
        action: action.action,
        connector: action.connector.clone(),
        status: StepStatus::Pending,
        attempts: 0,
        input: None,
        output: None,
        error: None,
        started_at: None,
        finished_at: None,
    }
}

fn simulated_output(action: Action) -> Json {
    match action {
        Action::Enrich => json!({ "verdict": "unknown", "signals": [], "simulated": true }),
        _ => json!({ "simulated": true }),
    }
}

struct Simulated;

impl Bindings for Simulated {
    fn binding(&self, _: Action, _: RunMode) -> ConnectorBinding {
        ConnectorBinding { connector: "simulated".to_owned(), revision: 1 }
    }
}

fn differences(expect: &Expectation, observed: &Observed) -> Vec<String> {
    let severity = expect.severity.and_then(|expected| difference("severity", &expected, &observed.facts.incident.severity));
    let approval = expect.approval.and_then(|expected| difference("approval", &expected, &observed.approval));
    let steps = expect.steps.as_ref().and_then(|expected| difference("steps", &ids(expected), &ids(&observed.steps)));
    let state = expect.state.and_then(|expected| difference("state", &expected, &observed.state));
    [severity, approval, steps, state].into_iter().flatten().collect()
}

fn difference<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, observed: &T) -> Option<String> {
    (expected != observed).then(|| format!("{what}: expected {expected:?}, found {observed:?}"))
}

fn ids(steps: &[StepId]) -> Vec<&str> {
    steps.iter().map(StepId::as_str).collect()
}

fn listed(errors: &[FieldError]) -> String {
    errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect::<Vec<_>>().join("; ")
}
