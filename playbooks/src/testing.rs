//! Runs the tests that come with a playbook: alert, score, plan, and a run in which everything is signed and every connector is
//! simulated. Real connectors, stores and clocks have no part in it.

use domain::action::Action;
use domain::alert::{FieldError, NormalisedAlert, assess, parse_alert};
use domain::id::{IncidentId, StepId};
use domain::incident::{Incident, State};
use domain::plan::{Plan, PlannedAction, RunMode};
use domain::run::{Step, StepStatus};
use domain::score::Circumstances;
use domain::timestamp::Timestamp;
use domain::verdict::Verdict;
use serde_json::{Value as Json, json};

use crate::library::Library;
use crate::load::Playbook;
use crate::plan::{Bindings, ConnectorBinding, Starter, Terms, plan};
use crate::run::{HoldsFacts, Next, Progress, next};
use crate::schema::{Answer, ApprovalExpectation, EndExpectation, Expectation, Given, PlaybookTest};
use crate::scope::{ByHand, Facts, Past, Scope};
use crate::triage;

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
    facts_with(alert, library, (Verdict::Unknown, now))
}

fn facts_with(alert: NormalisedAlert, library: &Library, (verdict, now): (Verdict, Timestamp)) -> Facts {
    let assessed = assess(&alert, &library.classification, &library.scoring);
    let circumstances = Circumstances {
        privileged_account: alert.privileged_account,
        critical_asset: alert.critical_asset,
        verdict,
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
        verdict,
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
    let (observables, by_hand, past) = (alert.observables(), ByHand::default(), Past::default());
    Facts { incident, alert, observables, by_hand, past }
}

/// What a test can look at.
struct Observed {
    facts: Facts,
    approval: ApprovalExpectation,
    run: Played,
    state: State,
    triage: TriageAnswers,
}

/// What the playbook does by itself.
struct TriageAnswers {
    starts_by_itself: Answer,
    closes: Answer,
    escalates: Answer,
}

fn observe(playbook: &Playbook, library: &Library, test: &PlaybookTest, now: Timestamp) -> Result<Observed, String> {
    let alert = parse_alert(&test.alert).map_err(|errors| format!("the alert is not valid: {}", listed(&errors)))?;
    let facts = facts_with(alert, library, (test.given.verdict.unwrap_or(Verdict::Unknown), now));
    if !playbook.is_applicable(&facts, now).map_err(|error| format!("its `when`: {error}"))? {
        return Err("the playbook is not applicable to this alert".to_owned());
    }
    let terms = Terms { mode: RunMode::Live, starter: Starter::Person, bindings: &Simulated };
    let plan = plan(playbook, &facts, &terms, now).map_err(|error| error.to_string())?;
    let run = play(&plan, &test.given, now)?;
    let approval = if plan.approval.required { ApprovalExpectation::Required } else { ApprovalExpectation::NotRequired };
    let state = match run.end {
        EndExpectation::Succeeded => plan.on_success.unwrap_or(State::InProgress),
        EndExpectation::Failed => facts.incident.state,
    };
    let scope = Scope::before_run(&facts, now);
    let triage = TriageAnswers {
        starts_by_itself: triage::starts_by_itself(playbook, &scope).into(),
        closes: triage::closing(playbook, &facts.incident, &scope).is_some().into(),
        escalates: triage::escalation(playbook, &facts.incident, &scope).is_some().into(),
    };
    Ok(Observed { facts, approval, run, state, triage })
}

/// How a run went.
struct Played {
    ran: Vec<StepId>,
    undone: Vec<StepId>,
    end: EndExpectation,
}

/// Runs a plan to its end, with every gate signed and every wait over.
fn play(plan: &Plan, given: &Given, now: Timestamp) -> Result<Played, String> {
    let (actions, facts) = (plan.actions.as_slice(), plan.facts.clone().unwrap_or_default());
    let gates_passed: Vec<StepId> = actions.iter().map(|action| action.step.clone()).collect();
    let mut steps: Vec<Step> = actions.iter().map(pending).collect();
    let (mut ran, mut undone) = (Vec::new(), Vec::new());
    loop {
        let progress = Progress { actions, steps: &steps, gates_passed: &gates_passed, holds_facts: HoldsFacts::Yes, now };
        match next(&progress, &Scope::frozen(&facts, &steps, now)) {
            Next::Execute { step, .. } if given.fails.contains(&step) => settle(&mut steps, &step, |step| {
                step.status = StepStatus::Failed;
                step.error = Some("the test lets it fail".to_owned());
            }),
            Next::Execute { step, input } => {
                let output = given.outputs.get(&step).cloned();
                settle(&mut steps, &step, |step| {
                    step.status = StepStatus::Succeeded;
                    step.output = Some(output.unwrap_or_else(|| simulated_output(step.action)));
                    step.input = Some(Json::Object(input));
                });
                ran.push(step);
            }
            Next::Skip { step, .. } => settle(&mut steps, &step, |step| step.status = StepStatus::Skipped),
            Next::Undo { step, .. } => {
                settle(&mut steps, &step, |step| step.status = StepStatus::Undone);
                undone.push(step);
            }
            Next::Complete => return Ok(Played { ran, undone, end: EndExpectation::Succeeded }),
            Next::Fail { step, .. } if given.fails.contains(&step) => {
                return Ok(Played { ran, undone, end: EndExpectation::Failed });
            }
            Next::Fail { step, error } => return Err(format!("step {step} fails: {error}")),
            Next::Gate { step }
            | Next::Outdated { step }
            | Next::InDoubt { step }
            | Next::Resume { step }
            | Next::UndoInDoubt { step } => {
                return Err(format!("step {step} does not go on"));
            }
            Next::Wait { until } => return Err(format!("the run waits until {until}")),
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
        due_at: None,
        undo: None,
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
    let (run, triage) = (&observed.run, &observed.triage);
    [
        difference("severity", expect.severity, observed.facts.incident.severity),
        difference("approval", expect.approval, observed.approval),
        difference("steps", expect.steps.as_deref().map(ids), ids(&run.ran)),
        difference("undone", expect.undone.as_deref().map(ids), ids(&run.undone)),
        difference("run", Some(expect.run.unwrap_or(EndExpectation::Succeeded)), run.end),
        difference("state", expect.state, observed.state),
        difference("starts_by_itself", expect.starts_by_itself, triage.starts_by_itself),
        difference("closes", expect.closes, triage.closes),
        difference("escalates", expect.escalates, triage.escalates),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn difference<T: PartialEq + std::fmt::Debug>(what: &str, expected: Option<T>, observed: T) -> Option<String> {
    let expected = expected.filter(|expected| *expected != observed)?;
    Some(format!("{what}: expected {expected:?}, found {observed:?}"))
}

fn ids(steps: &[StepId]) -> Vec<&str> {
    steps.iter().map(StepId::as_str).collect()
}

fn listed(errors: &[FieldError]) -> String {
    errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect::<Vec<_>>().join("; ")
}
