//! How bad an incident is: S1 (critical) to S5 (informational). How a score becomes a severity is in `score`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// S1 is the most severe. `Ord` follows the rank, so `S1 < S5`; ask `is_at_least` instead of comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    S1,
    S2,
    S3,
    S4,
    S5,
}

/// The text is neither a label nor `S1`…`S5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be critical, high, medium, low, informational or S1 to S5")]
pub struct InvalidSeverity;

impl Severity {
    /// All, the most severe first.
    pub const ALL: [Self; 5] = [Self::S1, Self::S2, Self::S3, Self::S4, Self::S5];

    /// 1 for S1 … 5 for S5.
    #[must_use]
    pub fn rank(self) -> u8 {
        self as u8 + 1
    }

    /// The severity with this rank.
    #[must_use]
    pub fn from_rank(rank: u8) -> Option<Self> {
        Self::ALL.get(usize::from(rank).checked_sub(1)?).copied()
    }

    /// critical, high, medium, low or informational.
    #[must_use]
    pub fn label(self) -> &'static str {
        ["critical", "high", "medium", "low", "informational"][self as usize]
    }

    /// Is this as severe as `other`, or more?
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        self.rank() <= other.rank()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}", self.rank())
    }
}

impl FromStr for Severity {
    type Err = InvalidSeverity;

    /// A label or `S1`…`S5`, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        Self::ALL.into_iter().find(|s| s.label() == lower || s.to_string().eq_ignore_ascii_case(&lower)).ok_or(InvalidSeverity)
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Severity::{self, S1, S2, S3, S4, S5};

    #[test]
    fn severities_are_read_as_labels_and_as_ranks_in_any_case() {
        let check = |texts: [&str; 4], severity: Severity| {
            for text in texts {
                assert_eq!(text.parse(), Ok(severity), "{text}");
            }
        };
        check(["critical", "Critical", "S1", "s1"], S1);
        check(["high", "HIGH", "S2", "s2"], S2);
        check(["medium", "mEdIuM", "S3", "s3"], S3);
        check(["low", "Low", "S4", "s4"], S4);
        check(["informational", "INFORMATIONAL", "S5", "s5"], S5);
        for text in ["", "info", "S0", "S6", "1", " S1", "S1 ", "s", "critica", "ſ1"] {
            assert!(text.parse::<Severity>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn at_least_s2_is_s2_or_s1() {
        let check = |severity: Severity, rank: u8, expected: bool| {
            assert_eq!((severity.rank(), severity.is_at_least(S2)), (rank, expected), "{severity}");
            assert_eq!(Severity::from_rank(rank), Some(severity));
        };
        check(S1, 1, true);
        check(S2, 2, true);
        check(S3, 3, false);
        check(S4, 4, false);
        check(S5, 5, false);
        assert_eq!((Severity::from_rank(0), Severity::from_rank(6)), (None, None));
    }

    #[test]
    fn answers_say_the_rank() {
        assert_eq!(serde_json::to_string(&S2).unwrap(), "\"S2\"");
        assert_eq!(serde_json::from_str::<Severity>("\"High\"").unwrap(), S2);
    }
}
