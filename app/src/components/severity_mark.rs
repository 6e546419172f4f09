//! A severity: shape, colour and words together, never colour alone.

use domain::severity::Severity;
use leptos::prelude::*;

/// The shape of a severity, as a path in a box of 10 by 10.
const fn shape(severity: Severity) -> &'static str {
    match severity {
        Severity::S1 => "M5 0 10 10H0z",
        Severity::S2 => "M5 0 10 5 5 10 0 5z",
        Severity::S3 => "M0 0h10v10H0z",
        Severity::S4 => "M5 0a5 5 0 1 0 0 10A5 5 0 1 0 5 0z",
        Severity::S5 => "M5 0a5 5 0 1 0 0 10A5 5 0 1 0 5 0zM5 2a3 3 0 1 1 0 6A3 3 0 1 1 5 2z",
    }
}

/// "S2 high" with its shape.
#[component]
pub fn SeverityMark(#[prop(into)] severity: Signal<Severity>) -> impl IntoView {
    let class = move || format!("severity-mark {}", severity.get());
    let words = move || format!("{} {}", severity.get(), severity.get().label());
    view! {
        <span class=class>
            <svg aria-hidden="true" viewBox="0 0 10 10"><path fill-rule="evenodd" d=move || shape(severity.get())></path></svg>
            {words}
        </span>
    }
    .into_any()
}
