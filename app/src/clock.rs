//! The time for ages and countdowns: the server's own at first, then carried on by the browser's clock, whose error it
//! does not inherit.

use std::time::Duration;

use api::ApiError;
use api::overview::Counts;
use domain::timestamp::Timestamp;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use crate::answered::answered;

const TICK: Duration = Duration::from_secs(1);

/// Where the time comes from: the server first, then the browser.
#[derive(Clone, Copy)]
struct Source {
    counts: Resource<Result<Counts, ApiError>>,
    ticked: RwSignal<Option<Timestamp>>,
}

/// The current time as a signal; `None` while even the server's is not known.
#[derive(Clone, Copy)]
pub struct Clock {
    now: Signal<Option<Timestamp>>,
}

impl Clock {
    /// Makes a clock that starts with the time of the first counts known to everything below.
    pub fn provide(counts: Resource<Result<Counts, ApiError>>) {
        let ticked = RwSignal::new(None::<Timestamp>);
        provide_context(Source { counts, ticked });
        let handle = StoredValue::new(None::<IntervalHandle>);
        on_cleanup(move || {
            if let Some(handle) = handle.try_update_value(Option::take).flatten() {
                handle.clear();
            }
        });
        Effect::new(move || {
            let first = if handle.with_value(Option::is_some) { None } else { counts.get().and_then(Result::ok) };
            if let Some(first) = first {
                handle.set_value(tick_from(first.now, ticked));
            }
        });
    }

    /// The clock, for the part of the page that asks: it is that part that waits for the server's time.
    pub fn here() -> Self {
        let Source { counts, ticked } = expect_context();
        Self { now: answered(move || ticked.get().or_else(|| Some(counts.get()?.ok()?.now))) }
    }

    /// The time now, to the second.
    pub fn now(self) -> Option<Timestamp> {
        self.now.get()
    }
}

/// Has the server said what time it is, or failed to?
pub fn is_answered() -> bool {
    let Source { counts, ticked } = expect_context();
    ticked.with_untracked(Option::is_some) || counts.with(Option::is_some)
}

fn tick_from(server_now: Timestamp, ticked: RwSignal<Option<Timestamp>>) -> Option<IntervalHandle> {
    let ahead_ms = server_now.unix_ms() - browser_ms();
    let tick = move || ticked.set(Some(Timestamp::from_unix_ms(browser_ms() + ahead_ms)));
    tick();
    set_interval_with_handle(tick, TICK).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
fn browser_ms() -> i64 {
    js_sys::Date::now() as i64
}
