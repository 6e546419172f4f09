//! Makes the plan: a playbook resolved against one incident, exactly what would run. What a plan is, and its digest, is in the
//! domain; whether it must be signed is in `plan::demand`.

mod demand;

use domain::action::Action;
use domain::alert::FieldError;
use domain::id::StepId;
use domain::plan::{Gate, Plan, PlannedAction, PlaybookRef, RetryPolicy, RunMode};
use domain::timestamp::Timestamp;
use serde_json::{Map, Value as Json};

use crate::check::CompiledStep;
use crate::expression::{EvaluationError, Expression, Place};
use crate::load::Playbook;
use crate::parameter;
use crate::schema::{ActionStep, ApprovalTerms};
use crate::scope::{Facts, Scope};
use crate::template::Template;

/// What carries out an action, and the revision of its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorBinding {
    pub connector: String,
    /// Rises whenever the connector's configuration changes.
    pub revision: u32,
}

/// Which connector carries out an action in a mode.
pub trait Bindings: Sync {
    /// The connector in place for this action.
    fn binding(&self, action: Action, mode: RunMode) -> ConnectorBinding;
}

/// Who starts a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    Person,
    /// The playbook's own `auto_run`.
    Itself,
}

/// The mode of a run, who starts it, and the connectors in place.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub mode: RunMode,
    pub starter: Starter,
    pub bindings: &'a dyn Bindings,
}

/// A playbook that cannot be resolved against this incident: every parameter at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan cannot be made: {}", listed(.errors))]
pub struct PlanError {
    /// Pointers are `/actions/<step>/with/<name>`, or `/when`.
    pub errors: Vec<FieldError>,
}

/// Resolves a playbook against an incident. The same facts make the same plan.
pub fn plan(playbook: &Playbook, facts: &Facts, terms: &Terms<'_>, now: Timestamp) -> Result<Plan, PlanError> {
    let scope = Scope::before_run(facts, now);
    let mut errors = Vec::new();
    if let Some(Err(error)) = playbook.when().map(|when| when.is_true(&scope)) {
        errors.push(FieldError::new("/when", error.to_string()));
    }
    let resolver = Resolver { scope: &scope, terms };
    let mut actions = Vec::new();
    for (step, compiled) in playbook.steps() {
        match resolver.planned(step, compiled) {
            Ok(action) => actions.push(action),
            Err(faults) => errors.extend(faults),
        }
    }
    if !errors.is_empty() {
        return Err(PlanError { errors });
    }
    let document = playbook.document();
    Ok(Plan {
        incident_id: facts.incident.id,
        playbook: PlaybookRef { id: document.id.clone(), name: document.name.clone(), digest: playbook.digest() },
        mode: terms.mode,
        approval: demand::of(playbook, &facts.incident, &actions, &resolver),
        actions,
        on_success: document.on_success.map(|on_success| on_success.transition.0),
    })
}

/// What is left of a plan from this step on, resolved again for a gate or after a stale plan: parameters that waited for steps
/// which have run, conditions that are known by now, and the connectors in place. What was resolved before stays as it is.
pub fn remaining(
    actions: &[PlannedAction],
    from: &StepId,
    scope: &Scope,
    terms: &Terms<'_>,
) -> Result<Vec<PlannedAction>, PlanError> {
    let start = actions.iter().position(|action| action.step == *from).unwrap_or(actions.len());
    let resolver = Resolver { scope, terms };
    let mut planned = Vec::new();
    let mut errors = Vec::new();
    for action in &actions[start..] {
        match resolver.resolved_again(action) {
            Ok(action) => planned.push(action),
            Err(faults) => errors.extend(faults),
        }
    }
    if errors.is_empty() { Ok(planned) } else { Err(PlanError { errors }) }
}

fn listed(errors: &[FieldError]) -> String {
    errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect::<Vec<_>>().join("; ")
}

/// What a plan is made with.
struct Resolver<'a> {
    scope: &'a Scope,
    terms: &'a Terms<'a>,
}

impl Resolver<'_> {
    fn planned(&self, step: &ActionStep, compiled: &CompiledStep) -> Result<PlannedAction, Vec<FieldError>> {
        let skipped = compiled.when.as_ref().is_some_and(|when| self.is_known_to_be_false(when));
        let mut parameters = Map::new();
        let mut late = Vec::new();
        let mut errors = Vec::new();
        for (name, source) in &step.with {
            let Some(template) = compiled.with.get(name) else { continue };
            if template.reads_steps() {
                late.push(name.clone());
                parameters.insert(name.clone(), source.clone());
                continue;
            }
            match self.value(step.action, name, template) {
                Ok(value) => drop(parameters.insert(name.clone(), value)),
                // Nothing will be done with it: people see what was written.
                Err(_) if skipped => drop(parameters.insert(name.clone(), source.clone())),
                Err(detail) => errors.push(FieldError::new(format!("/actions/{}/with/{name}", step.id), detail)),
            }
        }
        let written = PlannedAction { parameters, late, skipped, ..self.bound(step) };
        if errors.is_empty() { Ok(written) } else { Err(errors) }
    }

    fn bound(&self, step: &ActionStep) -> PlannedAction {
        let manifest = step.action.manifest();
        let ConnectorBinding { connector, revision } = self.terms.bindings.binding(step.action, self.terms.mode);
        PlannedAction {
            step: step.id.clone(),
            action: step.action,
            connector,
            connector_revision: revision,
            destructive: manifest.destructive || step.destructive.is_some(),
            customer_impact: manifest.customer_impact || step.customer_impact.is_some(),
            undo: manifest.undo,
            when: step.when.clone(),
            parameters: Map::new(),
            late: Vec::new(),
            skipped: false,
            gate: step.approval.filter(|_| self.terms.mode == RunMode::Live).map(gate),
            retry: RetryPolicy { attempts: step.retry.attempts, backoff_s: step.retry.backoff.seconds() },
            timeout_s: step.timeout.0.seconds(),
            on_error: step.on_error,
        }
    }

    /// Even a condition that reads `steps` may be known before they have run: `has(alert.source.ip) && …` without an address. One
    /// that cannot be evaluated is not false: it is evaluated again right before its step.
    fn is_known_to_be_false(&self, when: &Expression) -> bool {
        when.is_true(self.scope) == Ok(false)
    }

    fn value(&self, action: Action, name: &str, template: &Template) -> Result<Json, String> {
        resolve(action, name, template, self.scope).map_err(|error| error.to_string())
    }

    fn resolved_again(&self, action: &PlannedAction) -> Result<PlannedAction, Vec<FieldError>> {
        let ConnectorBinding { connector, revision } = self.terms.bindings.binding(action.action, self.terms.mode);
        let mut again = PlannedAction { connector, connector_revision: revision, ..action.clone() };
        if action.skipped {
            return Ok(again);
        }
        let ran = self.scope.finished_steps();
        if let Some(when) = action.when.as_deref().and_then(|when| Expression::compile(when, Place::BeforeStep(ran)).ok()) {
            again.skipped = self.is_known_to_be_false(&when);
        }
        let mut errors = Vec::new();
        for name in &action.late {
            // Refused here: it reads a step that is still to come, and stays late.
            let Some(source) = action.parameters.get(name) else { continue };
            let Ok(template) = Template::compile(source, Place::Parameter(ran)) else { continue };
            match self.value(action.action, name, &template) {
                Ok(value) => {
                    again.parameters.insert(name.clone(), value);
                    again.late.retain(|late| late != name);
                }
                Err(_) if again.skipped => {}
                Err(detail) => errors.push(FieldError::new(format!("/actions/{}/with/{name}", action.step), detail)),
            }
        }
        if errors.is_empty() { Ok(again) } else { Err(errors) }
    }
}

fn gate(terms: ApprovalTerms) -> Gate {
    Gate { quorum: terms.quorum.0, expires_in_s: terms.expires_in.seconds }
}

/// Why a parameter has no usable value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    #[error(transparent)]
    Value(#[from] parameter::InvalidParameter),
}

/// The value of a parameter, if it has one and it fits.
pub(crate) fn resolve(action: Action, name: &str, template: &Template, scope: &Scope) -> Result<Json, Unresolved> {
    let value = template.resolve(scope)?;
    if let Some(parameter) = action.manifest().find_parameter(name) {
        parameter::check(parameter.kind, &value)?;
    }
    Ok(value)
}
