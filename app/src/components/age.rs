//! A time as people want it: how long ago, or the time of day; the absolute time on hover.

use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::preferences::Preferences;
use crate::time_text;

/// How long it is: "4 min".
#[component]
pub fn Age(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let clock = Clock::here();
    let text = Memo::new(move |_| clock.now().map_or_else(|| absolute(at.get()), |now| time_text::age(at.get(), now)));
    view! { <Time at text /> }
}

/// How long ago: "4 min ago", "just now".
#[component]
pub fn Ago(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let clock = Clock::here();
    let text = Memo::new(move |_| clock.now().map_or_else(|| absolute(at.get()), |now| time_text::ago(at.get(), now)));
    view! { <Time at text /> }
}

/// The time of day, with the date if it is not today's: "10:00:02".
#[component]
pub fn TimeOfDay(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let clock = Clock::here();
    let preferences = expect_context::<Preferences>();
    let text = Memo::new(move |_| {
        let now = clock.now().unwrap_or_else(|| at.get());
        time_text::time_of_day(at.get(), now, &preferences.offset(at.get()))
    });
    view! { <Time at text /> }
}

/// Day, time and zone: "2026-03-11 10:00:02 UTC".
#[component]
pub fn FullTime(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let text = Memo::new(move |_| absolute(at.get()));
    view! { <Time at text /> }
}

#[component]
fn Time(at: Signal<Timestamp>, text: Memo<String>) -> impl IntoView {
    view! { <time class="age" datetime=move || at.get().to_string() title=move || absolute(at.get())>{text}</time> }.into_any()
}

fn absolute(at: Timestamp) -> String {
    time_text::absolute(at, &expect_context::<Preferences>().offset(at))
}
