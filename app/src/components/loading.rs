//! What stands where something is still on its way.

use leptos::prelude::*;

/// A few grey lines, and words for those who cannot see them.
#[component]
pub fn Loading(what: &'static str) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="heard-only">"Loading "{what}"…"</span>
            <span class="loading-line" aria-hidden="true"></span>
            <span class="loading-line" aria-hidden="true"></span>
            <span class="loading-line short" aria-hidden="true"></span>
        </div>
    }
    .into_any()
}
