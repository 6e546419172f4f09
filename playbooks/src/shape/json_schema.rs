//! The JSON Schema (draft 2020-12) of a playbook, made from its shape and from the manifests of the actions: what an editor
//! completes and underlines.

use domain::action::{Action, Manifest, Parameter, ParameterKind};
use domain::incident::State;
use domain::observable::ObservableKind;
use domain::verdict::Verdict;
use serde_json::{Map, Value as Json, json};

use super::document::{TAG_PATTERN, document};
use super::text::duration_pattern;
use super::{Field, Shape};
use crate::duration::DURATION_S_MAX;
use crate::parameter::METHODS;
use crate::template::TEXT_BYTES_MAX;

/// Where the schema says it lives.
pub const SCHEMA_ID: &str = "urn:countersign:schema:playbook";

/// The schema of a whole playbook.
#[must_use]
pub fn schema() -> Json {
    let mut schema = of(&document());
    if let Json::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("$id".to_owned(), json!(SCHEMA_ID));
        members.insert("title".to_owned(), json!("Countersign playbook"));
    }
    schema
}

/// Every action with its manifest, the schema of its parameters and that of its output.
#[must_use]
pub fn actions() -> Json {
    Action::ALL.iter().map(|action| described(*action)).collect()
}

fn described(action: Action) -> Json {
    let manifest = action.manifest();
    let targets = manifest.parameters.iter().filter(|parameter| parameter.target).map(|parameter| parameter.name);
    json!({
        "name": action,
        "title": manifest.title,
        "summary": manifest.summary,
        "destructive": manifest.destructive,
        "customer_impact": manifest.customer_impact,
        "undo": manifest.undo,
        "targets": targets.collect::<Vec<_>>(),
        "parameters": parameters(&manifest),
        "output": output(&manifest),
    })
}

fn output(manifest: &Manifest) -> Json {
    let properties: Map<String, Json> = manifest
        .output
        .iter()
        .map(|output| (output.name.to_owned(), json!({ "type": output.kind, "description": output.summary })))
        .collect();
    json!({ "type": "object", "properties": properties })
}

fn of(shape: &Shape) -> Json {
    match shape {
        Shape::Text(text) => {
            let mut schema = json!({ "type": "string", "maxLength": text.bytes_max });
            if let (Some(pattern), Json::Object(members)) = (&text.pattern, &mut schema) {
                members.insert("pattern".to_owned(), json!(pattern));
            }
            schema
        }
        Shape::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::True => json!({ "const": true }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::Mapping | Shape::Parameters => json!({ "type": "object" }),
        Shape::List { item, min, max } => json!({ "type": "array", "items": of(item), "minItems": min, "maxItems": max }),
        Shape::OneOrList { item, max } => {
            json!({ "anyOf": [of(item), { "type": "array", "items": of(item), "minItems": 1, "maxItems": max }] })
        }
        Shape::Object(fields) => object(fields),
    }
}

fn object(fields: &[Field]) -> Json {
    let properties: Map<String, Json> = fields.iter().map(|field| (field.name.to_owned(), described_field(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({
        "type": "object", "additionalProperties": false, "properties": properties, "required": required,
    });
    let takes_parameters = fields.iter().any(|field| matches!(field.shape, Shape::Parameters));
    if let (true, Json::Object(members)) = (takes_parameters, &mut schema) {
        members.insert("allOf".to_owned(), Action::ALL.iter().map(|action| parameters_of(*action)).collect());
    }
    schema
}

fn described_field(field: &Field) -> Json {
    let mut schema = of(&field.shape);
    if let Json::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(field.summary));
    }
    schema
}

/// If the step takes this action, `with` holds its parameters and no other.
fn parameters_of(action: Action) -> Json {
    let manifest = action.manifest();
    let is_required = manifest.parameters.iter().any(|parameter| parameter.required);
    let required = if is_required { vec!["with"] } else { Vec::new() };
    json!({
        "if": { "properties": { "action": { "const": action } }, "required": ["action"] },
        "then": { "properties": { "with": parameters(&manifest) }, "required": required },
    })
}

fn parameters(manifest: &Manifest) -> Json {
    let properties: Map<String, Json> =
        manifest.parameters.iter().map(|parameter| (parameter.name.to_owned(), value_of(parameter))).collect();
    let required: Vec<&str> =
        manifest.parameters.iter().filter(|parameter| parameter.required).map(|parameter| parameter.name).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}

/// A value of its kind, or a text with an expression inside.
fn value_of(parameter: &Parameter) -> Json {
    json!({
        "description": parameter.summary,
        "anyOf": [kind(parameter.kind), { "type": "string", "pattern": "\\$\\{\\{" }],
    })
}

fn kind(kind: ParameterKind) -> Json {
    match kind {
        ParameterKind::Text | ParameterKind::Domain => json!({ "type": "string", "pattern": "\\S", "maxLength": TEXT_BYTES_MAX }),
        ParameterKind::Ip => json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]{2,45}$" }),
        ParameterKind::Duration => json!({ "type": "string", "pattern": duration_pattern(DURATION_S_MAX) }),
        ParameterKind::ObservableKinds => json!({
            "type": "array", "maxItems": ObservableKind::ALL.len(),
            "items": { "enum": ObservableKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>() },
        }),
        ParameterKind::Url => json!({ "type": "string", "pattern": "^https?://[^\\s]+$", "maxLength": TEXT_BYTES_MAX }),
        ParameterKind::Method => json!({ "enum": METHODS }),
        ParameterKind::Map => json!({ "type": "object" }),
        ParameterKind::Tag => json!({ "type": "string", "pattern": TAG_PATTERN }),
        ParameterKind::Verdict => json!({ "enum": Verdict::ALL }),
        ParameterKind::ReachedState => json!({ "enum": [State::Contained] }),
    }
}
