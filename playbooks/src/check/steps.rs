//! The steps of a document, and the tests that name them: ids, conditions, and the parameters that each action takes.

use std::collections::BTreeSet;

use domain::action::{Action, Parameter};
use domain::id::StepId;
use serde_json::{Map, Value as Json};

use super::{Finding, Spot};
use crate::expression::{Expression, Place};
use crate::parameter;
use crate::shape::{WORD_SHOWN_BYTES_MAX, escaped};
use crate::suggestion::nearest;
use crate::template::Template;

/// Every fault of the steps and of what the tests say about them.
pub(super) fn check(content: &Json) -> Vec<Finding> {
    let steps = content.get("actions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut found = Vec::new();
    let mut earlier: Vec<StepId> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let checked = StepCheck { step, pointer: format!("/actions/{index}"), earlier: &earlier };
        found.extend(checked.condition());
        found.extend(checked.parameters());
        let Some(id) = step.get("id").and_then(Json::as_str).and_then(|id| id.parse::<StepId>().ok()) else { continue };
        if earlier.contains(&id) {
            found.push(Finding::new(&format!("/actions/{index}/id"), format!("another step is called `{id}` already")));
        } else {
            earlier.push(id);
        }
    }
    found.extend(check_tests(content, &earlier));
    found
}

struct StepCheck<'a> {
    step: &'a Json,
    pointer: String,
    /// The steps before it, which it may read.
    earlier: &'a [StepId],
}

impl StepCheck<'_> {
    fn condition(&self) -> Option<Finding> {
        let source = self.step.get("when").and_then(Json::as_str).filter(|source| !source.trim().is_empty())?;
        let error = Expression::compile(source, Place::BeforeStep(self.earlier)).err()?;
        Some(Finding::of_expression(&format!("{}/when", self.pointer), source, &error))
    }

    fn parameters(&self) -> Vec<Finding> {
        let Some(action) = self.action() else { return Vec::new() };
        let none = Map::new();
        let with = match self.step.get("with") {
            None => &none,
            Some(Json::Object(with)) => with,
            Some(_) => return Vec::new(),
        };
        let mut found: Vec<Finding> = with.iter().filter_map(|(name, value)| self.parameter(action, name, value)).collect();
        for parameter in action.manifest().parameters {
            if parameter.required && !with.contains_key(parameter.name) {
                let place = if self.step.get("with").is_some() { "/with" } else { "" };
                let finding = Finding::new(&format!("{}{place}", self.pointer), format!("{action} needs `{}`", parameter.name));
                found.push(finding.expecting(parameter.summary));
            }
        }
        found
    }

    fn action(&self) -> Option<Action> {
        self.step.get("action").and_then(Json::as_str)?.parse().ok()
    }

    fn parameter(&self, action: Action, name: &str, value: &Json) -> Option<Finding> {
        let pointer = format!("{}/with/{}", self.pointer, escaped(name));
        let manifest = action.manifest();
        let Some(parameter) = manifest.find_parameter(name) else {
            let shown = domain::text::shortened(name, WORD_SHOWN_BYTES_MAX);
            let finding = Finding::new(&pointer, format!("{action} has no parameter `{shown}`")).at(Spot::Key);
            let known = manifest.parameters.iter().map(|parameter| parameter.name);
            return Some(finding.expecting(&format!("one of {}", parameter::names(&manifest))).meaning(nearest(name, known)));
        };
        match Template::compile(value, Place::Parameter(self.earlier)) {
            Ok(template) => self.fault_of(parameter, value, &template).map(|detail| Finding::new(&pointer, detail)),
            Err(refused) => Some(Finding::of_template(&pointer, &refused)),
        }
    }

    /// A plain value must fit now. A target that is known only during the run needs a signature of its own, at its step.
    fn fault_of(&self, parameter: &Parameter, value: &Json, template: &Template) -> Option<String> {
        if parameter.target && template.reads_steps() && self.step.get("approval").is_none() {
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
}

/// The lists of a test that name steps.
const LISTS_OF_STEPS: [&str; 3] = ["expect/steps", "expect/undone", "given/fails"];

fn check_tests(content: &Json, steps: &[StepId]) -> Vec<Finding> {
    let tests = content.get("tests").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let known: BTreeSet<&str> = steps.iter().map(StepId::as_str).collect();
    let mut found = Vec::new();
    for (index, test) in tests.iter().enumerate() {
        for list in LISTS_OF_STEPS {
            let pointer = format!("/tests/{index}/{list}");
            let named = test.pointer(&format!("/{list}")).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            let named = named.iter().enumerate().filter_map(|(place, step)| Some((format!("{pointer}/{place}"), step.as_str()?)));
            found.extend(named.filter(|(_, step)| !known.contains(step)).map(|(at, step)| no_step(&at, step, &known)));
        }
        let outputs = test.pointer("/given/outputs").and_then(Json::as_object);
        for step in outputs.into_iter().flat_map(Map::keys).filter(|step| !known.contains(step.as_str())) {
            let pointer = format!("/tests/{index}/given/outputs/{}", escaped(step));
            found.push(no_step(&pointer, step, &known).at(Spot::Key));
        }
    }
    found
}

fn no_step(pointer: &str, step: &str, known: &BTreeSet<&str>) -> Finding {
    let shown = domain::text::shortened(step, WORD_SHOWN_BYTES_MAX);
    Finding::new(pointer, format!("there is no step `{shown}`")).meaning(nearest(step, known.iter().copied()))
}
