//! Makes the plan: a playbook resolved against one incident, exactly what would run. What a plan is, and its digest, is in the
//! domain; whether it must be signed is in `plan::demand`.

mod demand;

use std::collections::BTreeSet;

use domain::action::Action;
use domain::alert::FieldError;
use domain::canonical;
use domain::id::StepId;
use domain::plan::{FACTS_BYTES_MAX, Gate, Plan, PlannedAction, PlaybookRef, RetryPolicy, RunMode};
use domain::run::Step;
use domain::timestamp::Timestamp;
use serde_json::{Map, Value as Json};

use crate::check::CompiledStep;
use crate::expression::{EvaluationError, Expression, Place};
use crate::frozen::frozen;
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
    let mut paths = BTreeSet::new();
    for (step, compiled) in playbook.steps() {
        match resolver.planned(step, compiled) {
            Ok(action) => {
                paths.extend(late_paths(&action, compiled));
                actions.push(action);
            }
            Err(faults) => errors.extend(faults),
        }
    }
    let frozen = frozen(&paths, facts);
    errors.extend(fault_of_facts(&frozen));
    if !errors.is_empty() {
        return Err(PlanError { errors });
    }
    let document = playbook.document();
    Ok(Plan {
        incident_id: facts.incident.id,
        playbook: PlaybookRef { id: document.id.clone(), name: document.name.clone(), digest: playbook.digest() },
        mode: terms.mode,
        approval: demand::of(&demand::Case { playbook, facts, actions: &actions, at: now }, &resolver),
        actions,
        facts: Some(frozen),
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

/// The same of a plan that holds no facts, made by an older version: what is left is read from the incident as it is now, and held from here on.
pub fn remaining_anew(
    actions: &[PlannedAction],
    from: &StepId,
    now: &Situation<'_>,
    terms: &Terms<'_>,
) -> Result<(Vec<PlannedAction>, Map<String, Json>), PlanError> {
    let scope = Scope::in_run(now.facts, now.steps, now.at);
    let resolver = Resolver { scope: &scope, terms };
    let earlier: Vec<StepId> = actions.iter().map(|action| action.step.clone()).collect();
    let mut left = remaining(actions, from, &scope, terms)?;
    let mut paths = BTreeSet::new();
    for action in left.iter_mut().filter(|action| !action.skipped) {
        // What an older version stored compiled then, and compiles now.
        let when = action.when.as_deref().and_then(|when| Expression::compile(when, Place::BeforeStep(&earlier)).ok());
        let with = action.late.iter().filter_map(|name| {
            let template = Template::compile(action.parameters.get(name)?, Place::Parameter(&earlier)).ok()?;
            Some((name.clone(), template))
        });
        let compiled = CompiledStep { when, with: with.collect() };
        (action.skipped, action.when_error) = resolver.condition(compiled.when.as_ref());
        paths.extend(late_paths(action, &compiled));
    }
    let frozen = frozen(&paths, now.facts);
    match fault_of_facts(&frozen) {
        Some(fault) => Err(PlanError { errors: vec![fault] }),
        None => Ok((left, frozen)),
    }
}

/// An incident and a run on it, at one moment.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    pub facts: &'a Facts,
    pub steps: &'a [Step],
    pub at: Timestamp,
}

/// What a step will read of the incident when its time has come.
fn late_paths(action: &PlannedAction, compiled: &CompiledStep) -> BTreeSet<String> {
    if action.skipped {
        return BTreeSet::new();
    }
    let when = compiled.when.iter().filter(|when| when.is_late()).flat_map(Expression::paths).map(str::to_owned);
    let late = action.late.iter().filter_map(|name| compiled.with.get(name));
    when.chain(late.flat_map(Template::paths)).collect()
}

fn fault_of_facts(frozen: &Map<String, Json>) -> Option<FieldError> {
    let bytes = canonical::to_json(frozen).len();
    let largest = frozen.iter().max_by_key(|(_, value)| canonical::to_json(value).len()).map_or("", |(path, _)| path.as_str());
    (bytes > FACTS_BYTES_MAX).then(|| {
        let detail = format!(
            "what texts and conditions of later steps read of the incident has {bytes} bytes; at most {FACTS_BYTES_MAX} are allowed. \
             Most of it is `{largest}`: read less of it"
        );
        FieldError::new("/facts", detail)
    })
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
        let (skipped, when_error) = self.condition(compiled.when.as_ref());
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
        let written = PlannedAction { parameters, late, skipped, when_error, ..self.bound(step) };
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
            when_error: None,
            gate: step.approval.filter(|_| self.terms.mode == RunMode::Live).map(gate),
            retry: RetryPolicy { attempts: step.retry.attempts, backoff_s: step.retry.backoff.seconds() },
            timeout_s: step.timeout.0.seconds(),
            on_error: step.on_error,
        }
    }

    /// Is the condition known to be false, and if it has no value, why? Even one that reads `steps` may be known before they have run:
    /// `has(alert.source.ip) && …` without an address. One that waits for a step is not at fault yet.
    fn condition(&self, when: Option<&Expression>) -> (bool, Option<String>) {
        let Some(when) = when else { return (false, None) };
        match when.is_true(self.scope) {
            Ok(holds) => (!holds, None),
            Err(_) if when.is_late() => (false, None),
            Err(error) => (false, Some(error.to_string())),
        }
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
        let when = action.when.as_deref().and_then(|when| Expression::compile(when, Place::BeforeStep(ran)).ok());
        if when.as_ref().is_some_and(Expression::is_late) {
            again.skipped = self.condition(when.as_ref()).0;
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
