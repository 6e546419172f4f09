//! Titles of the browser's tab that are made of an answer. The server writes the title into the head of the page after the page itself, when
//! what the answer was shown by may be gone already: then what it was at first stands there.

use leptos::prelude::*;

/// What `write` makes of a value, now and whenever it changes.
pub fn title_of<T: Send + Sync + 'static>(value: Memo<T>, write: fn(&T) -> String) -> impl Fn() -> String + Clone + Send + Sync {
    let first = value.with_untracked(write);
    move || value.try_with(write).unwrap_or_else(|| first.clone())
}
