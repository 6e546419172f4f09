//! A time as people want it: how long ago, or the time of day; the absolute time on hover.

use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::preferences::Preferences;
use crate::time_text;

/// How long ago: "4 min".
#[component]
pub fn Age(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let preferences = expect_context::<Preferences>();
    let absolute = move || time_text::absolute(at.get(), &preferences.offset(at.get()));
    let text = Memo::new(move |_| clock.now().map_or_else(absolute, |now| time_text::age(at.get(), now)));
    view! { <time class="age" datetime=move || at.get().to_string() title=absolute>{text}</time> }
}

/// The time of day: "10:00:02"; the day stands elsewhere, or on hover.
#[component]
pub fn TimeOfDay(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let absolute = move || time_text::absolute(at.get(), &preferences.offset(at.get()));
    let text = move || time_text::time_of_day(at.get(), &preferences.offset(at.get()));
    view! { <time class="age" datetime=move || at.get().to_string() title=absolute>{text}</time> }
}

/// Day, time and zone: "2026-03-11 10:00:02 UTC".
#[component]
pub fn FullTime(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let absolute = move || time_text::absolute(at.get(), &preferences.offset(at.get()));
    view! { <time class="age" datetime=move || at.get().to_string()>{absolute}</time> }
}
