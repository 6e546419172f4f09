//! The state of an incident, in words with a dot.

use domain::incident::State;
use leptos::prelude::*;

use crate::wording;

/// "awaiting approval", "in progress", …
#[component]
pub fn StateMark(#[prop(into)] state: Signal<State>) -> impl IntoView {
    view! { <span class=move || format!("state-mark {}", state.get())>{move || wording::state(state.get())}</span> }.into_any()
}
