//! What comes next in a run: a pure decision from the plan in force and what its steps did. Carrying it out, and what to do with
//! a step whose outcome is unknown, is the worker's business.

use domain::id::StepId;
use domain::plan::PlannedAction;
use domain::run::{Step, StepStatus};
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
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Carry out this step with this input.
    Execute { step: StepId, input: Map<String, Json> },
    /// This step does not run.
    Skip { step: StepId, reason: String },
    /// Ask for a signature before this step.
    Gate { step: StepId },
    /// It was begun, and nobody has said how it ended.
    InDoubt { step: StepId },
    /// Every step went well or did not have to run.
    Complete,
    /// The run ends here.
    Fail { step: StepId, error: String },
}

/// Decides what comes next. `scope` is the one of these steps at this moment.
#[must_use]
pub fn next(progress: &Progress<'_>, scope: &Scope) -> Next {
    for action in progress.actions {
        let Some(step) = progress.steps.iter().find(|step| step.id == action.step) else {
            return fail(action, "the run has no such step");
        };
        match step.status {
            StepStatus::Succeeded | StepStatus::Skipped => {}
            StepStatus::Running | StepStatus::Unknown => return Next::InDoubt { step: step.id.clone() },
            StepStatus::Failed => return fail(action, step.error.as_deref().unwrap_or("the step failed")),
            StepStatus::Undone => return fail(action, "the step was undone"),
            StepStatus::Pending => return begin(action, progress, scope),
        }
    }
    Next::Complete
}

/// Conditions come before gates: nobody is asked to sign a step that does not run.
fn begin(action: &PlannedAction, progress: &Progress<'_>, scope: &Scope) -> Next {
    if action.skipped {
        return skip(action, "its condition was false when the plan was made");
    }
    if let Some(when) = &action.when {
        match Expression::compile(when, Place::BeforeStep(scope.finished_steps())) {
            Ok(when) => match when.is_true(scope) {
                Ok(true) => {}
                Ok(false) => return skip(action, "its condition is false"),
                Err(error) => return fail(action, &format!("its condition cannot be evaluated: {error}")),
            },
            Err(error) => return fail(action, &format!("its condition cannot be evaluated: {error}")),
        }
    }
    if action.gate.is_some() && !progress.gates_passed.contains(&action.step) {
        return Next::Gate { step: action.step.clone() };
    }
    match input(action, scope) {
        Ok(input) => Next::Execute { step: action.step.clone(), input },
        Err(error) => fail(action, &error),
    }
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

fn skip(action: &PlannedAction, reason: &str) -> Next {
    Next::Skip { step: action.step.clone(), reason: reason.to_owned() }
}

fn fail(action: &PlannedAction, error: &str) -> Next {
    Next::Fail { step: action.step.clone(), error: error.to_owned() }
}
