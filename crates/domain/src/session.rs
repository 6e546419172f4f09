//! How long a session of a signed-in person lasts. Where sessions are kept, and what else is in them, is decided elsewhere.

use crate::timestamp::Timestamp;

/// A session ends this long after the sign-in, whatever happens in it.
pub const ABSOLUTE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// A session that nobody uses for this long ends.
pub const IDLE_S_MAX: i64 = 30 * 60;

/// Has a session that began then lasted as long as any may?
#[must_use]
pub fn is_over(signed_in_at: Timestamp, now: Timestamp) -> bool {
    now.since_ms(signed_in_at) >= ABSOLUTE_MS_MAX
}

#[cfg(test)]
mod tests {
    use super::is_over;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_session_lasts_twelve_hours_at_most() {
        let start: Timestamp = "2026-03-11T10:00:00Z".parse().unwrap();
        for (now, expected) in [("2026-03-11T21:59:59.999Z", false), ("2026-03-11T22:00:00Z", true)] {
            assert_eq!(is_over(start, now.parse().unwrap()), expected, "{now}");
        }
    }
}
