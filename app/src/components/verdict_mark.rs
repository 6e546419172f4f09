//! What is believed about an incident.

use domain::verdict::Verdict;
use leptos::prelude::*;

/// The verdict as a word; malicious and suspicious stand out.
#[component]
pub fn VerdictMark(#[prop(into)] verdict: Signal<Verdict>) -> impl IntoView {
    view! { <span class=move || format!("verdict-mark {}", verdict.get())>{move || verdict.get().as_str()}</span> }.into_any()
}
