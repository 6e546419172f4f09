//! The way to older pages of a list, and back to its newest.

use leptos::prelude::*;

use crate::address;

/// Links to the next page and to the first; `base` is the list's address.
#[component]
pub fn PageLinks(
    base: &'static str,
    #[prop(into)] cursor: Signal<Option<String>>,
    #[prop(into)] next_cursor: Signal<Option<String>>,
) -> impl IntoView {
    let newest = move || cursor.get().map(|_| view! { <a class="button" href=base>"Newest"</a> });
    let older = move || {
        next_cursor
            .get()
            .map(|cursor| view! { <a class="button" href=format!("{base}?cursor={}", address::escaped(&cursor))>"Older"</a> })
    };
    view! { <nav class="page-links" aria-label="Pages">{newest}{older}</nav> }.into_any()
}
