//! What comes next in a run: a pure decision from the plan in force and what its steps did. Carrying it out, and what to do with
//! a step whose outcome is unknown, is the worker's business.

use domain::action::Action;
use domain::id::StepId;
use domain::plan::{OnError, PlannedAction, RetryPolicy};
use domain::run::{Step, StepStatus, UndoStatus};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value as Json};

use crate::expression::{Expression, Place};
use crate::plan::resolve;
use crate::scope::Scope;
use crate::template::Template;

/// Where a run stands.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The plan in force: the run's first, or its latest gate plan.
    pub actions: &'a [PlannedAction],
    /// Every step of the run, in the order of the first plan.
    pub steps: &'a [Step],
    /// The steps whose gate people have signed.
    pub gates_passed: &'a [StepId],
    /// Does the plan hold what its steps read of the incident? One of an older version does not.
    pub holds_facts: HoldsFacts,
    /// By the database's clock.
    pub now: Timestamp,
}

/// Does a plan hold what its steps read of the incident?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldsFacts {
    Yes,
    /// Nobody can tell what was signed.
    No,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Carry out this step with this input.
    Execute { step: StepId, input: Map<String, Json> },
    /// The time has come for another attempt at this step, or its wait is over.
    Resume { step: StepId },
    /// Nothing before this time.
    Wait { until: Timestamp },
    /// This step does not run.
    Skip { step: StepId, reason: String },
    /// Ask for a signature before this step.
    Gate { step: StepId },
    /// What this step reads of the incident is not in the plan: it was signed for without that.
    Outdated { step: StepId },
    /// It was begun, and nobody has said how it ended.
    InDoubt { step: StepId },
    /// Take this step back with this action and this input.
    Undo { step: StepId, action: Action, input: Map<String, Json> },
    /// Taking it back was begun, and nobody has said how that ended.
    UndoInDoubt { step: StepId },
    /// Every step went well, did not have to run, or was allowed to fail.
    Complete,
    /// The run ends here.
    Fail { step: StepId, error: String },
}

/// Decides what comes next. `scope` is the one of these steps at this moment.
#[must_use]
pub fn next(progress: &Progress<'_>, scope: &Scope) -> Next {
    for action in progress.actions {
        let Some(step) = progress.step(&action.step) else { return fail(action, "the run has no such step") };
        match (step.status, step.undo) {
            (StepStatus::Failed, _) if action.on_error == OnError::Undo => return take_back(action, step, progress),
            (StepStatus::Failed, _) if action.on_error == OnError::Continue => {}
            (StepStatus::Failed, _) => return fail(action, error_of(step)),
            // While later steps are taken back, this one may already be, or be in the middle of it.
            (StepStatus::Succeeded | StepStatus::Skipped | StepStatus::Undone, _) | (StepStatus::Unknown, Some(_)) => {}
            (StepStatus::Running, _) => return running(step, progress.now),
            (StepStatus::Unknown, None) => return Next::InDoubt { step: step.id.clone() },
            (StepStatus::Pending, _) => match progress.steps.iter().find(|step| step.status == StepStatus::Undone) {
                Some(undone) => return Next::Fail { step: undone.id.clone(), error: "the step was undone".to_owned() },
                None => return begin(action, progress, scope),
            },
        }
    }
    Next::Complete
}

/// What is known about an attempt that did not go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing happened.
    Certain,
    /// It may have happened; calling again with the same key does nothing twice.
    UncertainRepeatable,
    /// It may have happened, and calling again might do it twice.
    Uncertain,
}

/// What follows an attempt that did not go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    RetryIn {
        seconds: u32,
    },
    Fail,
    /// A person must say what happened.
    AskPerson,
}

/// Decides after this many attempts, the failed one included. An outcome that nobody knows is never called a failure.
#[must_use]
pub fn after_failure(failure: Failure, retry: RetryPolicy, attempts: u32) -> AfterFailure {
    let attempts_left = attempts < u32::from(retry.attempts);
    match failure {
        Failure::Certain | Failure::UncertainRepeatable if attempts_left => {
            AfterFailure::RetryIn { seconds: retry.wait_s(attempts) }
        }
        Failure::Certain => AfterFailure::Fail,
        Failure::Uncertain | Failure::UncertainRepeatable => AfterFailure::AskPerson,
    }
}

impl Progress<'_> {
    fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }
}

fn running(step: &Step, now: Timestamp) -> Next {
    match step.due_at {
        Some(due_at) if due_at > now => Next::Wait { until: due_at },
        Some(_) => Next::Resume { step: step.id.clone() },
        None => Next::InDoubt { step: step.id.clone() },
    }
}

/// Takes back what succeeded, the last first; then the run ends with the error of the step that failed. What cannot be taken back,
/// or was tried in vain, stays done.
fn take_back(failed: &PlannedAction, failed_step: &Step, progress: &Progress<'_>) -> Next {
    for action in progress.actions.iter().rev() {
        let (Some(undo), Some(step)) = (action.undo, progress.step(&action.step)) else { continue };
        match (step.status, step.undo) {
            (StepStatus::Succeeded, None) => {
                return Next::Undo { step: step.id.clone(), action: undo, input: undo_input(undo, step) };
            }
            (StepStatus::Succeeded, Some(UndoStatus::Running)) | (StepStatus::Unknown, Some(_)) => {
                return Next::UndoInDoubt { step: step.id.clone() };
            }
            _ => {}
        }
    }
    fail(failed, error_of(failed_step))
}

/// The undoing action has the targets of what it takes back.
fn undo_input(undo: Action, step: &Step) -> Map<String, Json> {
    let manifest = undo.manifest();
    let done = step.input.as_ref().and_then(Json::as_object);
    let taken = done.into_iter().flatten().filter(|(name, _)| manifest.find_parameter(name).is_some());
    taken.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Conditions come before gates: nobody is asked to sign a step that does not run.
fn begin(action: &PlannedAction, progress: &Progress<'_>, scope: &Scope) -> Next {
    if action.skipped {
        return skip(action, "its condition was false when the plan was made");
    }
    if progress.holds_facts == HoldsFacts::No && action.is_late() {
        return Next::Outdated { step: action.step.clone() };
    }
    match condition(action, scope) {
        Ok(true) => {}
        Ok(false) => return skip(action, "its condition is false"),
        Err(error) => return fail(action, &format!("its condition cannot be evaluated: {error}")),
    }
    if action.gate.is_some() && !progress.gates_passed.contains(&action.step) {
        return Next::Gate { step: action.step.clone() };
    }
    match input(action, scope) {
        Ok(input) => Next::Execute { step: action.step.clone(), input },
        Err(error) => fail(action, &error),
    }
}

/// Does the step run? A condition that waits for no step held when the plan was made, and whatever was edited since changes nothing.
fn condition(action: &PlannedAction, scope: &Scope) -> Result<bool, String> {
    if let Some(error) = &action.when_error {
        return Err(error.clone());
    }
    let Some(when) = &action.when else { return Ok(true) };
    let when = Expression::compile(when, Place::BeforeStep(scope.finished_steps())).map_err(|error| error.to_string())?;
    if when.is_late() { when.is_true(scope).map_err(|error| error.to_string()) } else { Ok(true) }
}

/// The parameters of a step. Only those that the plan names late are resolved: the others are what people signed.
fn input(action: &PlannedAction, scope: &Scope) -> Result<Map<String, Json>, String> {
    let mut input = action.parameters.clone();
    for name in &action.late {
        let Some(source) = action.parameters.get(name) else { continue };
        let unresolved = |error: &dyn std::fmt::Display| format!("its parameter `{name}` cannot be resolved: {error}");
        let template = Template::compile(source, Place::Parameter(scope.finished_steps())).map_err(|error| unresolved(&error))?;
        let value = resolve(action.action, name, &template, scope).map_err(|error| unresolved(&error))?;
        input.insert(name.clone(), value);
    }
    Ok(input)
}

fn error_of(step: &Step) -> &str {
    step.error.as_deref().unwrap_or("the step failed")
}

fn skip(action: &PlannedAction, reason: &str) -> Next {
    Next::Skip { step: action.step.clone(), reason: reason.to_owned() }
}

fn fail(action: &PlannedAction, error: &str) -> Next {
    Next::Fail { step: action.step.clone(), error: error.to_owned() }
}
