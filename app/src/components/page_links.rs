//! The way to older pages of a list, and back to its newest.

use leptos::prelude::*;

use crate::address;

/// Links to the next page and to the first; `base` is the list's address, with its filters if it has any.
#[component]
pub fn PageLinks(
    #[prop(into)] base: Signal<String>,
    #[prop(into)] cursor: Signal<Option<String>>,
    #[prop(into)] next_cursor: Signal<Option<String>>,
) -> impl IntoView {
    let newest = move || cursor.get().map(|_| view! { <a class="button" href=base>"Newest"</a> });
    let older = move || next_cursor.get().map(|cursor| view! { <a class="button" href=after(&base.get(), &cursor)>"Older"</a> });
    view! { <nav class="page-links" aria-label="Pages">{newest}{older}</nav> }.into_any()
}

fn after(base: &str, cursor: &str) -> String {
    let joint = if base.contains('?') { '&' } else { '?' };
    format!("{base}{joint}cursor={}", address::escaped(cursor))
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn a_cursor_joins_the_filters() {
        for (base, expected) in [("/runs", "/runs?cursor=a%2Bb"), ("/runs?playbook=PB-X", "/runs?playbook=PB-X&cursor=a%2Bb")] {
            assert_eq!(after(base, "a+b"), expected);
        }
    }
}
