//! The verdict that an incident is closed with.

use domain::verdict::Verdict;
use leptos::prelude::*;

/// What can be said at the end.
const GIVEN: [Verdict; 3] = [Verdict::Benign, Verdict::Suspicious, Verdict::Malicious];

/// The choice. `kept` says what stays if none is chosen; without it one must be. `id` is unique on the page.
#[component]
pub fn VerdictChoice(
    id: &'static str,
    verdict: RwSignal<Option<Verdict>>,
    #[prop(into)] kept: Signal<Option<String>>,
) -> impl IntoView {
    let first = move || kept.get().unwrap_or_else(|| "Choose one".to_owned());
    let options = GIVEN.iter().map(|verdict| view! { <option value=verdict.as_str()>{verdict.as_str()}</option> });
    let required = move || kept.with(Option::is_none);
    view! {
        <label for=id>"Closing verdict"</label>
        <select
            id=id
            required=required
            prop:value=move || verdict.get().map_or("", Verdict::as_str)
            on:change=move |event| verdict.set(event_target_value(&event).parse().ok())
        >
            <option value="">{first}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
