//! Times and durations as people read them. Reading the clock, and the zone of the browser, is not done here.

use domain::timestamp::Timestamp;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What is younger than a few seconds.
const NOW: &str = "now";

/// How far a person's clock is from UTC, and what to call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// East of Greenwich is positive.
    pub minutes: i64,
}

impl Offset {
    /// UTC itself.
    pub const UTC: Self = Self { minutes: 0 };

    fn name(&self) -> String {
        if self.minutes == 0 {
            return "UTC".to_owned();
        }
        let sign = if self.minutes < 0 { '\u{2212}' } else { '+' };
        format!("UTC{sign}{:02}:{:02}", self.minutes.abs() / 60, self.minutes.abs() % 60)
    }
}

/// How long ago, in one unit: "now", "12 s", "4 min", "3 h", "5 d".
pub fn age(at: Timestamp, now: Timestamp) -> String {
    let ms = now.since_ms(at);
    if ms < 5 * SECOND_MS {
        return NOW.to_owned();
    }
    duration(ms)
}

/// How long ago, as words: "just now", "4 min ago".
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    match age(at, now) {
        age if age == NOW => "just now".to_owned(),
        age => format!("{age} ago"),
    }
}

/// A duration in one unit: "12 s", "4 min", "3 h", "5 d".
pub fn duration(ms: i64) -> String {
    match ms {
        ms if ms < SECOND_MS => format!("{} ms", ms.max(0)),
        ms if ms < MINUTE_MS => format!("{} s", ms / SECOND_MS),
        ms if ms < HOUR_MS => format!("{} min", ms / MINUTE_MS),
        ms if ms < DAY_MS => format!("{} h", ms / HOUR_MS),
        ms => format!("{} d", ms / DAY_MS),
    }
}

/// What is left until a deadline, in two units: "3 h 52 min", "12 min 5 s", "40 s", "none".
pub fn left(until: Timestamp, now: Timestamp) -> String {
    match until.since_ms(now) {
        ms if ms <= 0 => "none".to_owned(),
        ms if ms < MINUTE_MS => format!("{} s", (ms + SECOND_MS - 1) / SECOND_MS),
        ms if ms < HOUR_MS => format!("{} min {} s", ms / MINUTE_MS, ms % MINUTE_MS / SECOND_MS),
        ms => format!("{} h {} min", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS),
    }
}

/// Date, time and zone: "2026-03-11 10:00:02 UTC".
pub fn absolute(at: Timestamp, offset: &Offset) -> String {
    format!("{} {}", shifted(at, offset).to_chrono().format("%Y-%m-%d %H:%M:%S"), offset.name())
}

/// The time of day: "10:00:02"; with the date when that is not today's: "2026-03-10 10:00:02".
pub fn time_of_day(at: Timestamp, now: Timestamp, offset: &Offset) -> String {
    let (then, today) = (shifted(at, offset).to_chrono(), shifted(now, offset).to_chrono());
    let format = if then.date_naive() == today.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    then.format(format).to_string()
}

fn shifted(at: Timestamp, offset: &Offset) -> Timestamp {
    at.plus_ms(offset.minutes * MINUTE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn ages_are_rounded_like_a_person_would() {
        let now = at("2026-03-11T10:00:00Z");
        for (then, expected) in [
            ("2026-03-11T10:00:05Z", "now"),
            ("2026-03-11T09:59:48Z", "12 s"),
            ("2026-03-11T09:55:31Z", "4 min"),
            ("2026-03-11T06:30:00Z", "3 h"),
            ("2026-03-06T09:00:00Z", "5 d"),
        ] {
            assert_eq!(age(at(then), now), expected);
        }
    }

    #[test]
    fn another_day_is_named() {
        let now = at("2026-03-11T10:00:00Z");
        for (then, minutes, expected) in [
            ("2026-03-11T09:00:02Z", 0, "09:00:02"),
            ("2026-03-10T23:30:00Z", 0, "2026-03-10 23:30:00"),
            ("2026-03-10T23:30:00Z", 60, "00:30:00"),
        ] {
            assert_eq!(time_of_day(at(then), now, &Offset { minutes }), expected);
        }
    }

    #[test]
    fn time_left_has_two_units() {
        let now = at("2026-03-11T10:00:00Z");
        for (until, expected) in [
            ("2026-03-11T13:52:10Z", "3 h 52 min"),
            ("2026-03-11T10:12:05Z", "12 min 5 s"),
            ("2026-03-11T10:00:39.500Z", "40 s"),
            ("2026-03-11T09:00:00Z", "none"),
        ] {
            assert_eq!(left(at(until), now), expected);
        }
    }

    #[test]
    fn absolute_times_name_their_zone() {
        let time = at("2026-03-11T23:30:02Z");
        for (minutes, expected) in [
            (0, "2026-03-11 23:30:02 UTC"),
            (60, "2026-03-12 00:30:02 UTC+01:00"),
            (-210, "2026-03-11 20:00:02 UTC\u{2212}03:30"),
        ] {
            assert_eq!(absolute(time, &Offset { minutes }), expected);
        }
    }
}
