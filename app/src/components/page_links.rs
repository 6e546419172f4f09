//! The way to older pages of a list, and back to its newest.

use leptos::prelude::*;

/// Links to the next page and to the first; `base` is the list's address.
#[component]
pub fn PageLinks(
    base: &'static str,
    #[prop(into)] cursor: Signal<Option<String>>,
    #[prop(into)] next_cursor: Signal<Option<String>>,
) -> impl IntoView {
    let newest = move || cursor.get().map(|_| view! { <a class="button" href=base>"Newest"</a> });
    let older = move || {
        next_cursor.get().map(|cursor| view! { <a class="button" href=format!("{base}?cursor={}", escaped(&cursor))>"Older"</a> })
    };
    view! { <nav class="page-links" aria-label="Pages">{newest}{older}</nav> }.into_any()
}

/// The cursor is opaque: everything that means something in an address is escaped.
fn escaped(cursor: &str) -> String {
    cursor
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn cursors_are_escaped() {
        for (given, expected) in [("a-1_.~", "a-1_.~"), ("a+b/c=", "a%2Bb%2Fc%3D"), ("&x", "%26x")] {
            assert_eq!(escaped(given), expected);
        }
    }
}
