//! How long a session of a signed-in person lasts. Where sessions are kept, and what else is in them, is decided elsewhere.

use crate::timestamp::Timestamp;

/// A session ends this long after the sign-in, whatever happens in it.
pub const ABSOLUTE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// A session that nobody uses for this long ends.
pub const IDLE_S_MAX: i64 = 30 * 60;

/// How old a sign-in may be for a decision, in milliseconds.
pub const STEP_UP_MS_MAX: i64 = 300_000;
/// How far the clock of another replica may be ahead, in milliseconds: a sign-in that is dated later than that is of no clock that can be trusted.
pub const SKEW_MS_MAX: i64 = 60_000;

/// Has a session that began then lasted as long as any may? One that began later than now was dated by a clock that was set back since: nobody
/// can say how old it is.
#[must_use]
pub fn is_over(signed_in_at: Timestamp, now: Timestamp) -> bool {
    !(-SKEW_MS_MAX..ABSOLUTE_MS_MAX).contains(&now.since_ms(signed_in_at))
}

#[cfg(test)]
mod tests {
    use super::is_over;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_session_lasts_twelve_hours_at_most() {
        let start: Timestamp = "2026-03-11T10:00:00Z".parse().unwrap();
        let nows = [
            ("2026-03-11T21:59:59.999Z", false),
            ("2026-03-11T22:00:00Z", true),
            ("2026-03-11T09:59:00Z", false),
            ("2026-03-11T09:58:59.999Z", true),
        ];
        for (now, expected) in nows {
            assert_eq!(is_over(start, now.parse().unwrap()), expected, "{now}");
        }
    }
}
