//! Whether a document makes sense: its limits, its ids, its expressions, its actions' parameters. Finds every fault at once and,
//! if there is none, compiles. The shape of the document is in `schema`, the place of a fault in `load`.

use std::collections::{BTreeMap, BTreeSet};

use domain::action::Parameter;
use domain::id::StepId;
use serde_json::Value as Json;

use crate::expression::{Expression, Place};
use crate::parameter;
use crate::schema::{ActionStep, Document};
use crate::template::Template;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// The longest description, in bytes.
pub const DESCRIPTION_BYTES_MAX: usize = 4_096;
/// How many steps a playbook may have.
pub const STEPS_MAX: usize = 64;
/// How many types a playbook may be for.
pub const TYPES_MAX: usize = 64;
/// How many tests may come with a playbook.
pub const TESTS_MAX: usize = 64;

/// A fault, at a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) pointer: String,
    pub(crate) detail: String,
}

/// Every expression of a playbook.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) when: Option<Expression>,
    pub(crate) condition: Option<Expression>,
    /// In the order of the document's actions.
    pub(crate) steps: Vec<CompiledStep>,
}

/// The expressions of one step.
#[derive(Clone, Debug)]
pub(crate) struct CompiledStep {
    pub(crate) when: Option<Expression>,
    pub(crate) with: BTreeMap<String, Template>,
}

/// Checks and compiles a document; all its faults if it has any.
pub(crate) fn compile(document: &Document) -> Result<Compiled, Vec<Finding>> {
    let mut checker = Checker { findings: Vec::new() };
    checker.check_limits(document);
    checker.check_rules(document);
    checker.check_tests(document);
    let when = checker.expression("/when", document.when.as_deref(), Place::BeforeRun);
    let condition = document.requires_approval_if.condition.as_deref();
    let condition = checker.expression("/requires_approval_if/condition", condition, Place::BeforeRun);
    let ids: Vec<StepId> = document.actions.iter().map(|step| step.id.clone()).collect();
    let steps = document
        .actions
        .iter()
        .enumerate()
        .map(|(index, step)| checker.step(step, &StepPlace { pointer: format!("/actions/{index}"), earlier: &ids[..index] }))
        .collect();
    if checker.findings.is_empty() { Ok(Compiled { when, condition, steps }) } else { Err(checker.findings) }
}

/// Where a step stands in its document, and what comes before it.
struct StepPlace<'a> {
    pointer: String,
    earlier: &'a [StepId],
}

struct Checker {
    findings: Vec<Finding>,
}

impl Checker {
    fn find(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.findings.push(Finding { pointer: pointer.into(), detail: detail.into() });
    }

    fn check_limits(&mut self, document: &Document) {
        if document.name.trim().is_empty() || document.name.len() > NAME_BYTES_MAX {
            self.find("/name", format!("must be a text of 1 to {NAME_BYTES_MAX} bytes"));
        }
        if document.description.len() > DESCRIPTION_BYTES_MAX {
            self.find("/description", format!("must be at most {DESCRIPTION_BYTES_MAX} bytes"));
        }
        if document.incident_type.0.len() > TYPES_MAX {
            self.find("/incident_type", format!("must be at most {TYPES_MAX} types"));
        }
        if !(1..=STEPS_MAX).contains(&document.actions.len()) {
            self.find("/actions", format!("must be 1 to {STEPS_MAX} steps"));
        }
        let mut seen = BTreeSet::new();
        for (index, step) in document.actions.iter().enumerate() {
            if !seen.insert(&step.id) {
                self.find(format!("/actions/{index}/id"), format!("another step is called `{}` already", step.id));
            }
        }
    }

    fn check_rules(&mut self, document: &Document) {
        if document.requires_approval_if.verdict_in.as_ref().is_some_and(Vec::is_empty) {
            self.find("/requires_approval_if/verdict_in", "must name at least one verdict; leave the rule out otherwise");
        }
    }

    fn check_tests(&mut self, document: &Document) {
        if document.tests.len() > TESTS_MAX {
            self.find("/tests", format!("must be at most {TESTS_MAX} tests"));
        }
        for (index, test) in document.tests.iter().enumerate() {
            for step in test.expect.steps.iter().flatten() {
                if !document.actions.iter().any(|action| action.id == *step) {
                    self.find(format!("/tests/{index}/expect/steps"), format!("there is no step `{step}`"));
                }
            }
        }
    }

    fn expression(&mut self, pointer: &str, source: Option<&str>, place: Place<'_>) -> Option<Expression> {
        match Expression::compile(source?, place) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.find(pointer, error.to_string());
                None
            }
        }
    }

    fn step(&mut self, step: &ActionStep, place: &StepPlace<'_>) -> CompiledStep {
        let when = self.expression(&format!("{}/when", place.pointer), step.when.as_deref(), Place::BeforeStep(place.earlier));
        self.check_required(step, place);
        let mut with = BTreeMap::new();
        for (name, value) in &step.with {
            if let Some(template) = self.parameter(step, place, (name, value)) {
                with.insert(name.clone(), template);
            }
        }
        CompiledStep { when, with }
    }

    fn check_required(&mut self, step: &ActionStep, place: &StepPlace<'_>) {
        for parameter in step.action.manifest().parameters {
            if parameter.required && !step.with.contains_key(parameter.name) {
                self.find(format!("{}/with", place.pointer), format!("{} needs `{}`", step.action, parameter.name));
            }
        }
    }

    fn parameter(&mut self, step: &ActionStep, place: &StepPlace<'_>, written: (&str, &Json)) -> Option<Template> {
        let (name, value) = written;
        let pointer = format!("{}/with/{}", place.pointer, name.replace('~', "~0").replace('/', "~1"));
        let manifest = step.action.manifest();
        let Some(parameter) = manifest.find_parameter(name) else {
            let expected = parameter::names(&manifest);
            self.find(pointer, format!("{} has no parameter `{name}`; expected one of {expected}", step.action));
            return None;
        };
        match Template::compile(value, Place::Parameter(place.earlier)) {
            Ok(template) => {
                if let Some(detail) = fault_of(parameter, value, &template, step) {
                    self.find(pointer, detail);
                }
                Some(template)
            }
            Err(error) => {
                self.find(pointer, error.to_string());
                None
            }
        }
    }
}

/// A plain value must fit now. A target that is known only during the run needs a signature of its own, at its step.
fn fault_of(parameter: &Parameter, value: &Json, template: &Template, step: &ActionStep) -> Option<String> {
    if parameter.target && template.reads_steps() && step.approval.is_none() {
        return Some(format!(
            "`{}` is a target and reads `steps`: the step needs an `approval` of its own, so that people sign the target",
            parameter.name
        ));
    }
    if template.is_computed() {
        return None;
    }
    parameter::check(parameter.kind, value).err().map(|error| error.to_string())
}
