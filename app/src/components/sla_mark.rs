//! How an incident stands against the times that its severity allows.

use domain::sla::{Sla, SlaState, SlaTarget};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::clock::Clock;
use crate::components::sla_clocks::URGENT_MS;
use crate::preferences::Preferences;
use crate::time_text;

/// How the target that counts now stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    NoTarget,
    /// What must be done next, and until when.
    Due(&'static str, Timestamp),
    Met,
    /// What was done too late.
    Missed(&'static str),
}

/// "ack 12 min", "contain overdue 3 h", "met", "ack missed" or a dash; the time itself on hover.
#[component]
pub fn SlaMark(#[prop(into)] sla: Signal<Sla>) -> impl IntoView {
    let clock = Clock::here();
    let preferences = expect_context::<Preferences>();
    let shown = Memo::new(move |_| said(standing(&sla.get()), clock.now()));
    let title = move || match standing(&sla.get()) {
        Standing::Due(what, until) => format!("{what} until {}", time_text::absolute(until, &preferences.offset(until))),
        Standing::Met => "Acknowledged and contained in time".to_owned(),
        Standing::Missed(_) => "A target was missed".to_owned(),
        Standing::NoTarget => "No target for this severity".to_owned(),
    };
    view! { <span class=move || shown.get().0 title=title>{move || shown.get().1}</span> }.into_any()
}

/// The first target that is not reached yet counts; when all are, the first that was missed.
fn standing(sla: &Sla) -> Standing {
    let targets = [("ack", sla.acknowledge), ("contain", sla.contain)];
    let targets: Vec<(&'static str, SlaTarget)> =
        targets.into_iter().filter_map(|(what, target)| Some((what, target?))).collect();
    let is_due = |target: &SlaTarget| matches!(target.state, SlaState::Open | SlaState::Overdue);
    let due = targets.iter().find(|(_, target)| is_due(target));
    let missed = targets.iter().find(|(_, target)| target.state == SlaState::Missed);
    match (due, missed) {
        (Some((what, target)), _) => Standing::Due(what, target.due_at),
        (None, Some((what, _))) => Standing::Missed(what),
        (None, None) if targets.is_empty() => Standing::NoTarget,
        (None, None) => Standing::Met,
    }
}

/// The class and the words.
fn said(standing: Standing, now: Option<Timestamp>) -> (&'static str, String) {
    match (standing, now) {
        (Standing::Due(what, until), Some(now)) => match until.since_ms(now) {
            left if left < 0 => ("sla-mark overdue", format!("{what} overdue {}", time_text::duration(-left))),
            left if left < URGENT_MS => ("sla-mark urgent", format!("{what} {}", time_text::duration(left))),
            left => ("sla-mark", format!("{what} {}", time_text::duration(left))),
        },
        (Standing::Due(what, _), None) => ("sla-mark", what.to_owned()),
        (Standing::Met, _) => ("sla-mark", "met".to_owned()),
        (Standing::Missed(what), _) => ("sla-mark missed", format!("{what} missed")),
        (Standing::NoTarget, _) => ("sla-mark", "\u{2013}".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(acknowledge: Option<SlaState>, contain: Option<SlaState>, expected: &str) {
        let target = |due: i64| move |state| SlaTarget { due_at: Timestamp::from_unix_ms(due * 60_000), state };
        let sla = Sla { acknowledge: acknowledge.map(target(15)), contain: contain.map(target(240)) };
        let now = Timestamp::from_unix_ms(20 * 60_000);
        assert_eq!(said(standing(&sla), Some(now)).1, expected);
    }

    #[test]
    fn the_next_target_counts() {
        check(None, None, "\u{2013}");
        check(Some(SlaState::Overdue), Some(SlaState::Open), "ack overdue 5 min");
        check(Some(SlaState::Met), Some(SlaState::Open), "contain 3 h");
        check(Some(SlaState::Missed), Some(SlaState::Open), "contain 3 h");
        check(Some(SlaState::Missed), Some(SlaState::Met), "ack missed");
        check(Some(SlaState::Met), Some(SlaState::Met), "met");
    }
}
