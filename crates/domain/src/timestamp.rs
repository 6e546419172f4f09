//! A point in time as Countersign stores and shows it: UTC, to the millisecond. Reading the clock is `service`'s business.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
#[cfg(feature = "openapi")]
use utoipa::openapi::KnownFormat;

#[cfg(feature = "openapi")]
use crate::described;
use crate::described::described;

/// Milliseconds since 1970-01-01T00:00:00Z; written as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

described!(Timestamp, described::format(KnownFormat::DateTime, "2026-03-11T10:00:00.000Z"));

/// The text is not an RFC 3339 time within the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 time such as 2026-03-11T10:00:00Z")]
pub struct InvalidTimestamp;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what both databases and RFC 3339 can hold.
const UNIX_MS_MIN: i64 = -62_135_596_800_000;
const UNIX_MS_MAX: i64 = 253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since the epoch, clamped to the years 1 to 9999.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Self {
        Self(unix_ms.clamp(UNIX_MS_MIN, UNIX_MS_MAX))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.0
    }

    /// This time moved by a number of milliseconds, which may be negative.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time; negative if `earlier` is later.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The same time for `chrono`'s calendar and for CEL.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unix_ms = DateTime::parse_from_rfc3339(text).map_err(|_| InvalidTimestamp)?.timestamp_millis();
        if (UNIX_MS_MIN..=UNIX_MS_MAX).contains(&unix_ms) { Ok(Self(unix_ms)) } else { Err(InvalidTimestamp) }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn times_are_read_as_rfc_3339_and_written_in_utc_with_milliseconds() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<Timestamp>().ok().map(|time| time.to_string()).as_deref(), expected, "{text}");
        };
        check("2026-03-11T10:00:00Z", Some("2026-03-11T10:00:00.000Z"));
        check("2026-03-11T12:00:00.1239+02:00", Some("2026-03-11T10:00:00.123Z"));
        check("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000Z"));
        check("9999-12-31T23:59:59.999Z", Some("9999-12-31T23:59:59.999Z"));
        check("9999-12-31T23:59:59.999-01:00", None);
        check("2026-02-30T10:00:00Z", None);
        check("2026-03-11T10:00:00", None);
        check("2026-03-11", None);
        check("", None);
    }

    #[test]
    fn times_move_and_compare() {
        let time = Timestamp::from_unix_ms(1_773_223_200_000);
        assert_eq!(time, "2026-03-11T10:00:00Z".parse().unwrap());
        assert_eq!(time.plus_ms(-1).since_ms(time), -1);
        assert_eq!(time.plus_ms(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(time.plus_ms(i64::MIN).to_string(), "0001-01-01T00:00:00.000Z");
    }
}
