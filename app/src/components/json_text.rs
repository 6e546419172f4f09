//! JSON as text, behind a word that opens it.

use domain::visible::Place;
use leptos::prelude::*;
use serde_json::Value;

use crate::components::quoted::Quoted;

/// Closed at first; `label` says what it is.
#[component]
pub fn JsonText(label: &'static str, json: Value) -> impl IntoView {
    let text = serde_json::to_string_pretty(&json).unwrap_or_else(|_| json.to_string());
    view! { <details class="json-text"><summary>{label}</summary><pre tabindex="0"><Quoted text place=Place::Lines /></pre></details> }.into_any()
}
