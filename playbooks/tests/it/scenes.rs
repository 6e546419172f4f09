//! Incidents, playbooks and connectors that the tests are played with. What is expected of them stands with each test.

use domain::action::Action;
use domain::alert::parse_alert;
use domain::plan::{Plan, RunMode};
use domain::run::{Step, StepStatus};
use domain::timestamp::Timestamp;
use playbooks::plan::{Bindings, ConnectorBinding, Starter, Terms};
use playbooks::testing::facts_of;
use playbooks::{Facts, Library, Playbook};
use serde_json::{Value, json};

pub fn now() -> Timestamp {
    "2026-03-11T10:00:00Z".parse().unwrap()
}

pub fn library() -> Library {
    Library::shipped().unwrap()
}

/// The alert of the main job.
pub fn main_job() -> Value {
    json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3,
        "context": { "ip": "91.23.11.9", "target_account": "admin", "privileged_account": true, "window_minutes": 5, "failed_attempts": 20 } })
}

pub fn facts(alert: &Value) -> Facts {
    facts_of(parse_alert(alert).unwrap(), &library(), now())
}

/// Connectors of one name and revision.
pub struct Connectors(pub &'static str, pub u32);

impl Bindings for Connectors {
    fn binding(&self, _: Action, _: RunMode) -> ConnectorBinding {
        ConnectorBinding { connector: self.0.to_owned(), revision: self.1 }
    }
}

pub const SIMULATED: Connectors = Connectors("simulated", 1);

pub fn live() -> Terms<'static> {
    Terms { mode: RunMode::Live, starter: Starter::Person, bindings: &SIMULATED }
}

/// A playbook for brute force with these lines after its head.
pub fn playbook(rest: &str) -> Playbook {
    let text = format!("id: PB-TEST\nname: Test\nincident_type: brute_force\n{rest}");
    Playbook::parse("test.yaml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

/// The faults of a file with these lines after its head, each as `line:column pointer detail`.
pub fn faults(rest: &str) -> Vec<String> {
    let text = format!("id: PB-TEST\nname: Test\nincident_type: brute_force\n{rest}");
    let errors = Playbook::parse("test.yaml", text.as_bytes()).map(|_| Vec::new()).unwrap_or_else(|errors| errors);
    errors.iter().map(ToString::to_string).collect()
}

pub fn steps_of(plan: &Plan) -> Vec<Step> {
    let pending = |action: &domain::plan::PlannedAction| Step {
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
    };
    plan.actions.iter().map(pending).collect()
}

/// The steps of a plan, the first of them finished like this.
pub fn steps_after(plan: &Plan, finished: &[(StepStatus, Option<Value>)]) -> Vec<Step> {
    let mut steps = steps_of(plan);
    for (step, (status, output)) in steps.iter_mut().zip(finished) {
        step.status = *status;
        step.output = output.clone();
    }
    steps
}
