//! What people and senders wrote, as it may be shown: nothing in it reorders, hides or imitates, and its direction of writing ends with
//! it. Every text that is not ours is shown by this; in an attribute, a drawing and the title of the tab by `line`.

use domain::visible::{Place, visible};
use leptos::prelude::*;

/// The text, on a line unless it has a place of several.
#[component]
pub fn Quoted(#[prop(into)] text: String, #[prop(default = Place::Line)] place: Place) -> impl IntoView {
    view! { <bdi class="quoted">{visible(&text, place).into_owned()}</bdi> }.into_any()
}

/// Below a field in which such a text is edited: how it will be shown, if that is not how the field shows it. A field keeps what it was
/// given.
#[component]
pub fn ShownAs(#[prop(into)] typed: Signal<String>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        typed.with(|typed| match visible(typed, Place::Lines) {
            std::borrow::Cow::Owned(shown) => Some(shown),
            std::borrow::Cow::Borrowed(_) => None,
        })
    });
    move || {
        shown.get().map(|text| {
            view! { <p class="shown-as faint" role="status">"Shown as: "<Quoted text place=Place::Lines /></p> }.into_any()
        })
    }
}

/// The text for where no element can stand.
pub fn line(text: &str) -> String {
    visible(text, Place::Line).into_owned()
}
