//! The status of a run, a step or an approval, as a small tag. The tone comes from the word.

use leptos::prelude::*;

/// What a status means to the eye.
const fn tone(status: &str) -> &'static str {
    match status.as_bytes() {
        b"succeeded" | b"approved" | b"approve" | b"ok" => "good",
        b"failed" | b"rejected" | b"reject" | b"error" | b"denied" | b"down" => "bad",
        b"awaiting_approval" | b"paused" | b"unknown" | b"expired" | b"degraded" => "wait",
        b"running" | b"queued" => "busy",
        _ => "quiet",
    }
}

/// A status: `word` is its spelling on the wire, `label` what people read.
#[component]
pub fn StatusMark(#[prop(into)] word: Signal<&'static str>, #[prop(into)] label: Signal<&'static str>) -> impl IntoView {
    view! { <span class=move || format!("status-mark {}", tone(word.get()))>{move || label.get()}</span> }.into_any()
}
