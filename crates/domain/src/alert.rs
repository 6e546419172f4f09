//! One notice from a source: what it says of itself in normalised fields, and how it is shown. Keeping its raw bytes is the crate
//! `store`'s business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::id::{AlertId, IncidentId, IncidentType, SenderAlertId, Source};
use crate::observable::{Observable, ObservableKind};
use crate::severity::Severity;
use crate::timestamp::Timestamp;

mod assessment;
pub mod batch;
mod mapping;
mod parsing;
mod title;

pub use assessment::{Assessed, assess};
pub use mapping::{DOMAIN_BYTES_MAX, EMAIL_BYTES_MAX, HOST_BYTES_MAX, URL_BYTES_MAX, USER_BYTES_MAX};
pub use parsing::{RAW_LOG_BYTES_MAX, TAG_BYTES_MAX, TAGS_MAX, TITLE_BYTES_MAX, parse_alert};

/// One field of a document that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// A JSON Pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    pub detail: String,
}

impl FieldError {
    /// The field at this pointer, and what it must be.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// What an alert says of itself, checked and in one form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NormalisedAlert {
    pub sender_alert_id: Option<SenderAlertId>,
    pub source: Option<Source>,
    pub incident_type: Option<IncidentType>,
    pub title: Option<String>,
    pub source_severity: Option<Severity>,
    /// 1 to 5, as are likelihood and confidence.
    pub impact: Option<u8>,
    pub likelihood: Option<u8>,
    pub confidence: Option<u8>,
    pub occurred_at: Option<Timestamp>,
    /// Values by the name of their ECS field, such as `source.ip`.
    pub ecs: BTreeMap<String, String>,
    pub raw_log: Option<String>,
    /// Whatever else the sender knew, as it was sent.
    pub context: Map<String, Value>,
    pub tags: Vec<String>,
    /// ATT&CK techniques.
    pub mitre: Vec<String>,
    pub privileged_account: bool,
    pub critical_asset: bool,
}

/// An alert as lists and answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    pub id: AlertId,
    /// The sender's own id, or `id`.
    pub alert_id: String,
    pub source: Source,
    pub incident_id: Option<IncidentId>,
    pub incident_type: IncidentType,
    pub title: String,
    /// The severity that the sender put on it.
    pub source_severity: Option<Severity>,
    pub occurred_at: Option<Timestamp>,
    pub received_at: Timestamp,
    /// How many times it was sent again.
    pub duplicates: u32,
    pub observables: Vec<Observable>,
    /// SHA-256 of the bytes as received.
    pub raw_sha256: Digest,
}

/// The ECS fields that hold observables, in the order in which they are shown.
const OBSERVABLE_FIELDS: [(&str, ObservableKind); 10] = [
    ("source.ip", ObservableKind::Ip),
    ("destination.ip", ObservableKind::Ip),
    ("host.name", ObservableKind::Host),
    ("user.name", ObservableKind::User),
    ("domain", ObservableKind::Domain),
    ("url.full", ObservableKind::Url),
    ("file.hash.md5", ObservableKind::FileHash),
    ("file.hash.sha1", ObservableKind::FileHash),
    ("file.hash.sha256", ObservableKind::FileHash),
    ("email.address", ObservableKind::Email),
];

/// The objects that [`NormalisedAlert::ecs_json`] always has, so that `has(alert.source.ip)` can be asked of any alert.
const ECS_OBJECTS: [&str; 7] = ["source", "destination", "host", "user", "url", "file", "email"];

impl NormalisedAlert {
    /// The typed values seen in the alert.
    #[must_use]
    pub fn observables(&self) -> Vec<Observable> {
        OBSERVABLE_FIELDS
            .into_iter()
            .filter_map(|(field, kind)| {
                let value = self.ecs.get(field)?.clone();
                Some(Observable { kind, value, field: field.to_owned() })
            })
            .collect()
    }

    /// The value of this ECS field.
    #[must_use]
    pub fn ecs_field(&self, field: &str) -> Option<&str> {
        self.ecs.get(field).map(String::as_str)
    }

    /// The ECS fields as nested objects: `source.ip` is the member `ip` of the object `source`. The objects source, destination,
    /// host, user, url, file and email always exist.
    #[must_use]
    pub fn ecs_json(&self) -> Value {
        let mut root = Map::new();
        for object in ECS_OBJECTS {
            root.insert(object.to_owned(), Value::Object(Map::new()));
        }
        for (field, value) in &self.ecs {
            insert_nested(&mut root, field, value);
        }
        Value::Object(root)
    }

    /// When it happened, or when it arrived if it does not say.
    #[must_use]
    pub fn occurred_or(&self, received_at: Timestamp) -> Timestamp {
        self.occurred_at.unwrap_or(received_at)
    }

    /// The alert's title, or one made of its type and what is known: "Brute force on admin from 91.23.11.9".
    #[must_use]
    pub fn derived_title(&self, incident_type: &IncidentType) -> String {
        self.title.clone().unwrap_or_else(|| title::derive(self, incident_type))
    }
}

fn insert_nested(object: &mut Map<String, Value>, path: &str, value: &str) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), Value::from(value));
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert_nested(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
