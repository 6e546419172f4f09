//! Both times that an incident's severity allows: until it is acknowledged, and until it is contained.

use domain::sla::{Sla, SlaState, SlaTarget};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::preferences::Preferences;
use crate::time_text;

/// Below this much time a clock stands out.
pub const URGENT_MS: i64 = 15 * 60 * 1_000;

/// From this much time on, days say enough.
const DAYS_FROM_MS: i64 = 48 * 60 * 60 * 1_000;

/// "Acknowledge 12 min 5 s left", "Contain overdue 3 h"; when it is due on hover.
#[component]
pub fn SlaClocks(#[prop(into)] sla: Signal<Sla>) -> impl IntoView {
    let acknowledge = Signal::derive(move || sla.get().acknowledge);
    let contain = Signal::derive(move || sla.get().contain);
    let none = Memo::new(move |_| sla.get() == Sla::default());
    move || {
        if none.get() {
            return view! { <span><span class="faint">"SLA "</span><span class="sla-mark">"no target for this severity"</span></span> }.into_any();
        }
        view! {
            <SlaClock what="Acknowledge" target=acknowledge />
            <SlaClock what="Contain" target=contain />
        }
        .into_any()
    }
}

#[component]
fn SlaClock(what: &'static str, target: Signal<Option<SlaTarget>>) -> impl IntoView {
    let clock = Clock::here();
    let preferences = expect_context::<Preferences>();
    let shown = Memo::new(move |_| target.get().map(|target| said(target, clock.now())));
    let title = move || {
        let due_at = target.get()?.due_at;
        Some(format!("{what}: due {}", time_text::absolute(due_at, &preferences.offset(due_at))))
    };
    let class = move || shown.get().map_or("sla-mark", |(class, _)| class);
    let words = move || shown.get().map_or_else(|| "no target".to_owned(), |(_, words)| words);
    view! { <span title=title><span class="faint">{what}" "</span><span class=class>{words}</span></span> }.into_any()
}

/// The class and the words. What was open when the server answered may be overdue by now.
fn said(target: SlaTarget, now: Option<Timestamp>) -> (&'static str, String) {
    let left = now.map(|now| (now, target.due_at.since_ms(now)));
    match (target.state, left) {
        (SlaState::Met, _) => ("sla-mark met", "in time".to_owned()),
        (SlaState::Missed, _) => ("sla-mark missed", "too late".to_owned()),
        (SlaState::Open | SlaState::Overdue, Some((_, left))) if left < 0 => {
            ("sla-mark overdue", format!("overdue {}", time_text::duration(-left)))
        }
        (SlaState::Open | SlaState::Overdue, Some((now, left))) => {
            let class = if left < URGENT_MS { "sla-mark urgent" } else { "sla-mark" };
            let time = if left < DAYS_FROM_MS { time_text::left(target.due_at, now) } else { time_text::duration(left) };
            (class, format!("{time} left"))
        }
        (SlaState::Overdue, None) => ("sla-mark overdue", "overdue".to_owned()),
        (SlaState::Open, None) => ("sla-mark", "open".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_clock_says_how_it_stands() {
        let check = |state, now_min: i64, expected: (&str, &str)| {
            let target = SlaTarget { due_at: Timestamp::from_unix_ms(60 * 60_000), state };
            let (class, words) = said(target, Some(Timestamp::from_unix_ms(now_min * 60_000)));
            assert_eq!((class, words.as_str()), expected);
        };
        check(SlaState::Open, 30, ("sla-mark", "30 min 0 s left"));
        check(SlaState::Open, -2_819, ("sla-mark", "47 h 59 min left"));
        check(SlaState::Open, -2_820, ("sla-mark", "2 d left"));
        check(SlaState::Open, 50, ("sla-mark urgent", "10 min 0 s left"));
        check(SlaState::Open, 65, ("sla-mark overdue", "overdue 5 min"));
        check(SlaState::Overdue, 240, ("sla-mark overdue", "overdue 3 h"));
        check(SlaState::Met, 240, ("sla-mark met", "in time"));
        check(SlaState::Missed, 30, ("sla-mark missed", "too late"));
    }
}
