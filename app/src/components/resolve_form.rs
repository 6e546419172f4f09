//! What happened in a step of unknown outcome, said by a person who looked.

use api::runs::{ResolveRequest, ResolvedOutcome};
use domain::approval::{REASON_BYTES_MAX, REASON_LETTERS_MIN};
use domain::text::letters_of;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::quoted::ShownAs;

/// The form; `why_not` disables it and says why. `name` is unique on the page.
#[component]
pub fn ResolveForm(
    name: String,
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    #[prop(into)] busy: Signal<bool>,
    resolve: Callback<ResolveRequest>,
) -> impl IntoView {
    let outcome = RwSignal::new(None::<ResolvedOutcome>);
    let reason = RwSignal::new(String::new());
    let enough = move || reason.with(|reason| letters_of(reason) >= REASON_LETTERS_MIN);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(outcome) = outcome.get_untracked() {
            resolve.run(ResolveRequest { outcome, reason: reason.get_untracked().trim().to_owned() });
        }
    };
    let choice = |value: ResolvedOutcome, words: &'static str, group: String| {
        view! { <label><input type="radio" name=group value=value.as_str() on:change=move |_| outcome.set(Some(value)) />" "{words}</label> }
    };
    let field = format!("reason-{name}");
    view! {
        <form class="resolve-form stack" on:submit=submit>
            <p><b>"Nobody knows whether this step happened."</b>" Look at the other system, then say what you found. The step is not run again."</p>
            <fieldset class="row" disabled=move || why_not.get().is_some()>
                <legend class="heard-only">"What happened"</legend>
                {choice(ResolvedOutcome::Succeeded, "It happened", format!("outcome-{name}"))}
                {choice(ResolvedOutcome::Failed, "It did not happen", format!("outcome-{name}"))}
            </fieldset>
            <label for=field.clone()>"How do you know?"</label>
            <textarea
                id=field
                maxlength=REASON_BYTES_MAX.to_string()
                placeholder=format!("At least {REASON_LETTERS_MIN} letters and digits.")
                disabled=move || why_not.get().is_some()
                prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event))
            ></textarea>
            <ShownAs typed=reason />
            {move || why_not.get().map(|why| view! { <p class="quiet">{why}</p> })}
            <p>
                <button type="submit" class="button" disabled=move || why_not.get().is_some() || busy.get() || outcome.get().is_none() || !enough()>
                    "Record outcome"
                </button>
            </p>
        </form>
    }
    .into_any()
}
