//! A digest: the start that people compare stands out, the rest can be read and copied.

use domain::digest::Digest;
use leptos::prelude::*;

use crate::components::copy_button::CopyButton;

const GROUP: usize = 4;

/// All 64 digits in groups.
#[component]
pub fn DigestText(#[prop(into)] digest: Signal<Digest>) -> impl IntoView {
    let rest = move || grouped(&digest.get().to_string()[digest.get().start().len()..]);
    view! {
        <span class="digest-text">
            <code title=move || digest.get().to_string()><b>{move || digest.get().start()}</b>" "{rest}</code>
            <CopyButton text=Signal::derive(move || digest.get().to_string()) label="Copy digest" />
        </span>
    }
    .into_any()
}

/// The first eight digits; all of them on hover.
#[component]
pub fn DigestStart(#[prop(into)] digest: Signal<Digest>) -> impl IntoView {
    view! { <code class="digest-start" title=move || digest.get().to_string()>{move || digest.get().start()}</code> }.into_any()
}

fn grouped(digits: &str) -> String {
    let groups: Vec<String> = digits.as_bytes().chunks(GROUP).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(" ")
}
