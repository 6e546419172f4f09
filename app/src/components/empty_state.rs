//! A list with nothing in it: what that means, and what to do next.

use leptos::prelude::*;

/// The words, and below them whatever helps.
#[component]
pub fn EmptyState(title: &'static str, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="empty-state">
            <p class="empty-title">{title}</p>
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}
