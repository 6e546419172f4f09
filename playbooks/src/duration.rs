//! Lengths of time as a playbook writes them: a number and `s`, `m`, `h` or `d`, such as `24h`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest length of time: 366 days.
pub const DURATION_S_MAX: u32 = 31_622_400;

/// A length of time in whole seconds, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    seconds: u32,
}

/// The text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number and s, m, h or d, from 1s to 366d, such as 24h")]
pub struct InvalidDuration;

impl Duration {
    /// This many seconds, brought within the limits.
    #[must_use]
    pub fn of_seconds(seconds: u32) -> Self {
        Self { seconds: seconds.clamp(1, DURATION_S_MAX) }
    }

    /// Its length in seconds, 1 to [`DURATION_S_MAX`].
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

impl FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const DIGITS_MAX: usize = 8;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit_s: u32 = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(InvalidDuration),
        };
        if !(1..=DIGITS_MAX).contains(&digits) || number.starts_with('0') {
            return Err(InvalidDuration);
        }
        let seconds = number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit_s)).ok_or(InvalidDuration)?;
        if (1..=DURATION_S_MAX).contains(&seconds) { Ok(Self { seconds }) } else { Err(InvalidDuration) }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.seconds {
            seconds if seconds.is_multiple_of(86_400) => (seconds / 86_400, "d"),
            seconds if seconds.is_multiple_of(3_600) => (seconds / 3_600, "h"),
            seconds if seconds.is_multiple_of(60) => (seconds / 60, "m"),
            seconds => (seconds, "s"),
        };
        write!(f, "{number}{unit}")
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, InvalidDuration};

    #[test]
    fn a_number_and_a_unit_are_seconds() {
        let check = |text: &str, expected: Result<u32, InvalidDuration>| {
            assert_eq!(text.parse().map(Duration::seconds), expected, "{text}");
        };
        check("30s", Ok(30));
        check("15m", Ok(900));
        check("4h", Ok(14_400));
        check("24h", Ok(86_400));
        check("366d", Ok(31_622_400));
        check("367d", Err(InvalidDuration));
        check("0s", Err(InvalidDuration));
        check("05s", Err(InvalidDuration));
        check("", Err(InvalidDuration));
        check("h", Err(InvalidDuration));
        check("5", Err(InvalidDuration));
        check("5 m", Err(InvalidDuration));
        check("-5m", Err(InvalidDuration));
        check("1.5h", Err(InvalidDuration));
        check("1h30m", Err(InvalidDuration));
        check("99999999999h", Err(InvalidDuration));
        check("١h", Err(InvalidDuration));
    }

    #[test]
    fn it_is_written_in_the_largest_whole_unit() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Duration>().map(|d| d.to_string()), Ok(expected.to_owned()));
        };
        check("120s", "2m");
        check("90s", "90s");
        check("24h", "1d");
        check("25h", "25h");
    }
}
