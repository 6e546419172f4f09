//! The time that is left until a deadline.

use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::preferences::Preferences;
use crate::time_text;

/// Below this much time the countdown stands out.
const URGENT_MS: i64 = 15 * 60 * 1_000;

/// "3 h 52 min left", or "expired".
#[component]
pub fn Countdown(#[prop(into)] until: Signal<Timestamp>) -> impl IntoView {
    let clock = Clock::here();
    let preferences = expect_context::<Preferences>();
    let absolute = move || time_text::absolute(until.get(), &preferences.offset(until.get()));
    let left_ms = move || clock.now().map(|now| until.get().since_ms(now));
    let text = Memo::new(move |_| match clock.now() {
        Some(now) if until.get() > now => format!("{} left", time_text::left(until.get(), now)),
        Some(_) => "expired".to_owned(),
        None => format!("until {}", absolute()),
    });
    let class = move || if left_ms().is_some_and(|ms| ms < URGENT_MS) { "countdown urgent" } else { "countdown" };
    view! { <time class=class datetime=move || until.get().to_string() title=absolute>{text}</time> }.into_any()
}
