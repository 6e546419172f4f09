//! Whether a document makes sense: its shape, its ids, its expressions, its actions' parameters. Finds every fault at once; a
//! document without one is compiled. What may stand where is in `shape`, the place of a fault in the text in `load`.

mod steps;

use std::collections::BTreeMap;

use domain::id::StepId;
use serde_json::Value as Json;

use crate::expression::{Expression, InvalidExpression, Place};
use crate::schema::Document;
use crate::shape::document::document;
use crate::shape::faults;
use crate::template::{InvalidTemplate, Template};

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// The longest description, in bytes.
pub const DESCRIPTION_BYTES_MAX: usize = 4_096;
/// The longest reason of a rule, in bytes.
pub const REASON_BYTES_MAX: usize = 1_024;
/// The longest tag, in bytes.
pub const TAG_BYTES_MAX: usize = 64;
/// How many steps a playbook may have.
pub const STEPS_MAX: usize = 64;
/// How many types a playbook may be for.
pub const TYPES_MAX: usize = 64;
/// How many tests may come with a playbook.
pub const TESTS_MAX: usize = 64;
/// How many faults are told; whoever wrote more than this starts anew anyway.
pub const FAULTS_MAX: usize = 100;

/// Which end of an entry of a map a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Key,
    Value,
}

/// A fault, at a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) pointer: String,
    pub(crate) spot: Spot,
    pub(crate) detail: String,
    pub(crate) expected: Option<String>,
    pub(crate) did_you_mean: Option<String>,
    /// The expression inside the value that is at fault, and how many characters into it.
    pub(crate) within: Option<(String, usize)>,
}

impl Finding {
    pub(crate) fn new(pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            spot: Spot::Value,
            detail: detail.into(),
            expected: None,
            did_you_mean: None,
            within: None,
        }
    }

    pub(crate) fn at(self, spot: Spot) -> Self {
        Self { spot, ..self }
    }

    pub(crate) fn expecting(self, expected: &str) -> Self {
        Self { expected: Some(expected.to_owned()), ..self }
    }

    pub(crate) fn meaning(self, did_you_mean: Option<String>) -> Self {
        Self { did_you_mean, ..self }
    }

    /// An expression that was refused.
    pub(crate) fn of_expression(pointer: &str, source: &str, error: &InvalidExpression) -> Self {
        let within = Some((source.to_owned(), error.column(source).unwrap_or_default()));
        let expected = error.expected().map(str::to_owned);
        Self { within, expected, ..Self::new(pointer, error.detail()).meaning(error.did_you_mean()) }
    }

    pub(crate) fn of_template(pointer: &str, refused: &InvalidTemplate) -> Self {
        Self::of_expression(pointer, &refused.expression, &refused.error)
    }
}

/// The expressions of a document, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) when: Option<Expression>,
    pub(crate) auto_run: Option<Expression>,
    pub(crate) approval_condition: Option<Expression>,
    pub(crate) close_condition: Option<Expression>,
    pub(crate) escalation_condition: Option<Expression>,
    /// In the order of the steps.
    pub(crate) steps: Vec<CompiledStep>,
}

/// The expressions of a step, compiled.
#[derive(Clone, Debug)]
pub(crate) struct CompiledStep {
    pub(crate) when: Option<Expression>,
    pub(crate) with: BTreeMap<String, Template>,
}

/// Where a document holds an expression that is evaluated before a run.
const CONDITIONS: [&str; 5] =
    ["/when", "/auto_run", "/requires_approval_if/condition", "/close_if/condition", "/escalate_if/condition"];

/// Every fault of a document.
pub(crate) fn check(content: &Json) -> Vec<Finding> {
    let mut found = faults(&document(), content, "");
    for pointer in CONDITIONS {
        let source = content.pointer(pointer).and_then(Json::as_str).filter(|source| !source.trim().is_empty());
        if let Some((source, Err(error))) = source.map(|source| (source, Expression::compile(source, Place::BeforeRun))) {
            found.push(Finding::of_expression(pointer, source, &error));
        }
    }
    for rule in ["close_if", "escalate_if"] {
        if content.get(rule).is_some_and(holds_always) {
            let detail = "nothing is given that must hold, so it would always apply";
            found.push(
                Finding::new(&format!("/{rule}"), detail).expecting("verdict_in, condition or, to escalate, severity_at_least"),
            );
        }
    }
    found.extend(steps::check(content));
    found.truncate(FAULTS_MAX);
    found
}

fn holds_always(rule: &Json) -> bool {
    rule.is_object() && ["verdict_in", "condition", "severity_at_least"].iter().all(|key| rule.get(key).is_none())
}

/// Compiles a document that was checked.
pub(crate) fn compile(document: &Document) -> Result<Compiled, InvalidTemplate> {
    let before = |source: &Option<String>| compiled(source.as_deref(), Place::BeforeRun);
    let ids: Vec<StepId> = document.actions.iter().map(|step| step.id.clone()).collect();
    let mut steps = Vec::new();
    for (index, step) in document.actions.iter().enumerate() {
        let mut with = BTreeMap::new();
        for (name, value) in &step.with {
            with.insert(name.clone(), Template::compile(value, Place::Parameter(&ids[..index]))?);
        }
        steps.push(CompiledStep { when: compiled(step.when.as_deref(), Place::BeforeStep(&ids[..index]))?, with });
    }
    Ok(Compiled {
        when: before(&document.when)?,
        auto_run: before(&document.auto_run)?,
        approval_condition: before(&document.requires_approval_if.condition)?,
        close_condition: compiled(document.close_if.as_ref().and_then(|rule| rule.condition.as_deref()), Place::BeforeRun)?,
        escalation_condition: compiled(
            document.escalate_if.as_ref().and_then(|rule| rule.condition.as_deref()),
            Place::BeforeRun,
        )?,
        steps,
    })
}

fn compiled(source: Option<&str>, place: Place<'_>) -> Result<Option<Expression>, InvalidTemplate> {
    let Some(source) = source else { return Ok(None) };
    let refused = |error| InvalidTemplate { expression: source.to_owned(), error };
    Expression::compile(source, place).map(Some).map_err(refused)
}
