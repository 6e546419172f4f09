//! What a plan holds of the incident: the values that its later steps read, as they were when the plan was made, and as they are signed.

use leptos::prelude::*;
use serde_json::Value;

use crate::components::quoted::Quoted;
use crate::plan_rows::plain;

/// One row for each name; nothing where no later step reads any.
#[component]
pub fn PlanFacts(
    /// The plan as it is signed.
    plan: Value,
) -> impl IntoView {
    let facts: Vec<(String, String)> =
        plan["facts"].as_object().into_iter().flatten().map(|(path, value)| (path.clone(), plain(value))).collect();
    (!facts.is_empty())
        .then(|| {
            view! {
                <details class="plan-facts" open=true>
                    <summary>"What later steps read, fixed with this plan"</summary>
                    <dl>
                        {facts.into_iter().map(|(path, value)| view! { <dt><code><Quoted text=path /></code></dt><dd><code><Quoted text=value /></code></dd> }).collect_view()}
                    </dl>
                </details>
            }
        })
        .into_any()
}
