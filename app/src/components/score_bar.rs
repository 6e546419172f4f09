//! A risk score as a number with a bar beside it.

use domain::severity::Severity;
use leptos::prelude::*;

/// The score, coloured as its severity.
#[component]
pub fn ScoreBar(#[prop(into)] score: Signal<u8>, #[prop(into)] severity: Signal<Severity>) -> impl IntoView {
    view! {
        <span class=move || format!("score-bar {}", severity.get())>
            <svg aria-hidden="true" viewBox="0 0 100 8" preserveAspectRatio="none">
                <rect class="track" width="100" height="8"></rect>
                <rect class="fill" width=move || score.get().to_string() height="8"></rect>
            </svg>
            <b>{move || score.get()}</b>
        </span>
    }
    .into_any()
}
