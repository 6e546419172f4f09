//! The names of things: numbered ids such as `INC-0000000412`, UUIDs of people and keys, and checked words such as playbook ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
#[cfg(feature = "openapi")]
use utoipa::openapi::KnownFormat;
use uuid::Uuid;

#[cfg(feature = "openapi")]
use crate::described;
use crate::described::described;

/// The text is not an id of the expected kind; carries what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct InvalidId(pub &'static str);

/// The largest number that ten digits can show.
pub const NUMBERED_ID_MAX: i64 = 9_999_999_999;
/// Digits and hyphens of a UUID.
const UUID_CHARS: usize = 36;

macro_rules! numbered_id {
    ($(#[$doc:meta] $name:ident $prefix:literal;)+) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number of the sequence, 1 to 9,999,999,999; nothing has the number 0.
            #[must_use]
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number in the sequence.
            #[must_use]
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{:010}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_numbered(text, concat!($prefix, "-")).map(Self).ok_or(InvalidId(concat!($prefix, "- and ten digits")))
            }
        }

        impl_serde_as_text!($name);
        described!($name, described::pattern(concat!("^", $prefix, "-[0-9]{10}$"), concat!($prefix, "-0000000001")));
    )+};
}

macro_rules! impl_serde_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

fn parse_numbered(text: &str, prefix: &str) -> Option<i64> {
    let digits = text.strip_prefix(prefix)?;
    let ten_digits = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if ten_digits { digits.parse().ok() } else { None }
}

numbered_id! {
    /// An incident, `INC-0000000001`.
    IncidentId "INC";
    /// An alert, `ALT-0000000001`.
    AlertId "ALT";
    /// A run of a playbook, `RUN-0000000001`.
    RunId "RUN";
    /// An approval, `APR-0000000001`.
    ApprovalId "APR";
    /// A note on an incident, `NOTE-0000000001`.
    NoteId "NOTE";
    /// A task of an incident, `TASK-0000000001`.
    TaskId "TASK";
    /// A file kept as evidence, `EVD-0000000001`.
    EvidenceId "EVD";
}

macro_rules! uuid_id {
    ($(#[$doc:meta] $name:ident;)+) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// This UUID (version 7) as an id.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_uuid(text).map(Self).ok_or(InvalidId("a UUID"))
            }
        }

        impl_serde_as_text!($name);
        described!($name, described::format(KnownFormat::Uuid, "01890a5d-ac96-774b-bcce-b302099a8057"));
    )+};
}

/// The spelling with hyphens only.
fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() == UUID_CHARS { text.parse().ok() } else { None }
}

uuid_id! {
    /// A person who can sign in.
    UserId;
    /// An API key (not its secret).
    ApiKeyId;
    /// A list of incidents that somebody keeps.
    ViewId;
    /// An audit entry, apart from its place in the log.
    EntryId;
}

macro_rules! word {
    ($(#[$doc:meta] $name:ident $check:ident $pattern:literal $example:literal $expected:literal;)+) => {$(
        #[$doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $check(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId($expected)) }
            }
        }

        impl_serde_as_text!($name);
        described!($name, described::pattern($pattern, $example));
    )+};
}

word! {
    /// A playbook.
    PlaybookId is_playbook_id "^PB-[A-Z0-9-]{1,60}$" "PB-BRUTE-FORCE" "PB- and 1 to 60 of A-Z, 0-9 and -";
    /// The type of an alert or incident.
    IncidentType is_type_word "^[a-z][a-z0-9_]{0,63}$" "brute_force" "a lower-case letter and up to 63 of a-z, 0-9 and _";
    /// The id of a step within its playbook.
    StepId is_type_word "^[a-z][a-z0-9_]{0,63}$" "block" "a lower-case letter and up to 63 of a-z, 0-9 and _";
    /// The sender's own name of an alert.
    SenderAlertId is_sender_alert_id "^[A-Za-z0-9._:@-]{1,128}$" "siem-4711" "1 to 128 of A-Z, a-z, 0-9 and . _ : @ -";
    /// What ties a request to its log lines and audit entries.
    CorrelationId is_correlation_id "^[A-Za-z0-9._-]{1,128}$" "shift-42" "1 to 128 of A-Z, a-z, 0-9 and . _ -";
    /// The named origin of alerts.
    Source is_source "^[A-Za-z0-9._:@-]{1,64}$" "siem" "1 to 64 of A-Z, a-z, 0-9 and . _ : @ -";
}

fn is_playbook_id(text: &str) -> bool {
    text.strip_prefix("PB-").is_some_and(|rest| {
        (1..=60).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
    })
}

fn is_type_word(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_sender_alert_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:@-".contains(&b))
}

fn is_correlation_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn is_source(text: &str) -> bool {
    text.len() <= 64 && is_sender_alert_id(text)
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    use super::{
        AlertId, ApprovalId, CorrelationId, IncidentId, IncidentType, NoteId, PlaybookId, RunId, SenderAlertId, Source, UserId,
    };

    fn check<T: FromStr<Err: Debug> + Display>(text: &str, valid: bool) {
        match text.parse::<T>() {
            Ok(id) => assert_eq!((id.to_string().as_str(), valid), (text, true)),
            Err(_) => assert!(!valid, "{text:?} must be taken"),
        }
    }

    #[test]
    fn numbered_ids_are_a_prefix_and_ten_digits() {
        check::<IncidentId>("INC-0000000412", true);
        check::<AlertId>("ALT-0000000001", true);
        check::<RunId>("RUN-9999999999", true);
        check::<ApprovalId>("APR-0000000001", true);
        check::<NoteId>("NOTE-0000000001", true);
        check::<IncidentId>("INC-0000000000", true);
        for text in ["INC-412", "INC-00000000412", "inc-0000000412", "RUN-0000000412", "INC-+000000412", ""] {
            check::<IncidentId>(text, false);
        }
        assert_eq!("INC-0000000412".parse(), Ok(IncidentId::new(412)));
    }

    #[test]
    fn words_follow_their_patterns() {
        check::<PlaybookId>("PB-BRUTE-FORCE", true);
        check::<PlaybookId>(&format!("PB-{}", "A".repeat(60)), true);
        check::<PlaybookId>(&format!("PB-{}", "A".repeat(61)), false);
        check::<PlaybookId>("PB-", false);
        check::<PlaybookId>("PB-brute", false);
        check::<IncidentType>("a", true);
        check::<IncidentType>("data_exfil2", true);
        check::<IncidentType>("_a", false);
        check::<IncidentType>("2fa", false);
        check::<IncidentType>("a-b", false);
        check::<SenderAlertId>("a.B_9:@-", true);
        check::<SenderAlertId>("a/b", false);
        check::<CorrelationId>("a.B_9-", true);
        check::<CorrelationId>("a:b", false);
        check::<Source>(&"x".repeat(64), true);
        check::<Source>(&"x".repeat(65), false);
        check::<UserId>("0190c2d4-0000-7000-8000-000000000001", true);
        check::<UserId>("admin", false);
        check::<UserId>("0190c2d4000070008000000000000001", false);
        check::<UserId>("{0190c2d4-0000-7000-8000-000000000001}", false);
    }
}
