//! The OpenAPI document as it is served: what routes and types say of themselves, and what their generator has no words for.

use std::sync::Arc;

use axum::Json;
use domain::alert::batch::BATCH_ITEMS_MAX;
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use super::alert_schema;

/// What an answer is where its route does not say more.
const MEANINGS: [(&str, &str); 5] = [
    ("200", "Here it is"),
    ("201", "It was made"),
    ("202", "It will be done"),
    ("204", "It is done"),
    ("304", "You have it already"),
];

/// The document as JSON: made once.
#[must_use]
pub fn served(document: OpenApi) -> Arc<Value> {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["components"]["schemas"][alert_schema::NAME] = alert_schema::schema();
    // A verdict and its reason come together.
    document["components"]["schemas"]["IncidentPatch"]["dependentRequired"] =
        json!({ "verdict": ["verdict_reason"], "verdict_reason": ["verdict"] });
    let batch = &mut document["paths"]["/api/v1/alerts/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    (batch["minItems"], batch["maxItems"]) = (json!(1), json!(BATCH_ITEMS_MAX));
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            operation["operationId"] = json!(name(method, path));
            complete(operation);
        }
    }
    Arc::new(document)
}

/// A name that no other operation has: `get_incidents_id_plan`.
fn name(method: &str, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |name, word| format!("{name}_{word}"))
}

fn complete(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    parameters.into_iter().flatten().filter_map(|parameter| parameter.get_mut("schema")).for_each(refuse_null);
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let meaning = MEANINGS.iter().find(|(of, _)| of == status).map(|(_, meaning)| *meaning);
        if let (None, Some(meaning)) = (response.get("description"), meaning) {
            response["description"] = json!(meaning);
        }
    }
}

/// A parameter may be absent; it is never null.
fn refuse_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|kind| kind != "null");
        if let [kind] = types.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else { return };
    choices.retain(|choice| choice["type"] != "null");
    if let [only] = choices.as_mut_slice() {
        *schema = only.take();
    }
}

/// The OpenAPI document.
pub async fn answer(document: Arc<Value>) -> Json<Arc<Value>> {
    Json(document)
}
