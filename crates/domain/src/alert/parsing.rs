//! An alert in the native format, from a JSON document: every field that is not valid is reported, not only the first. Which ECS
//! field a value fills is in `mapping`.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::mapping::{self, MappedField};
use super::{FieldError, NormalisedAlert};
use crate::id::IncidentType;
use crate::score::INPUT_MAX;
use crate::text::TextLimits;

/// The longest title, in bytes of UTF-8.
pub const TITLE_BYTES_MAX: usize = 512;
/// The longest raw log, in bytes of UTF-8: as much as a whole request may hold.
pub const RAW_LOG_BYTES_MAX: usize = 1_048_576;
/// The most tags, and the most techniques, of one alert.
pub const TAGS_MAX: usize = 64;
/// The longest tag or technique, in bytes of UTF-8.
pub const TAG_BYTES_MAX: usize = 128;

const TITLE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TITLE_BYTES_MAX };
const RAW_LOG_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: RAW_LOG_BYTES_MAX };
const TAG_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TAG_BYTES_MAX };

/// Any one of these makes a document an alert.
const IDENTIFYING: [&str; 4] = ["incident_type", "alert_type", "title", "raw_log"];

/// The alert in this document, or everything that is wrong with it. Members that have no meaning are left alone.
pub fn parse_alert(document: &Value) -> Result<NormalisedAlert, Vec<FieldError>> {
    let Value::Object(members) = document else {
        return Err(vec![FieldError::new("", "must be a JSON object")]);
    };
    let mut reader = Reader { members, errors: Vec::new() };
    let alert = reader.alert();
    if reader.errors.is_empty() { Ok(alert) } else { Err(reader.errors) }
}

struct Reader<'a> {
    members: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    fn alert(&mut self) -> NormalisedAlert {
        self.demand_identifying();
        let mut alert = NormalisedAlert {
            sender_alert_id: self.parsed("alert_id"),
            source: self.parsed("source"),
            incident_type: self.incident_type(),
            title: self.text("title", TITLE_LIMITS).map(|title| title.trim().to_owned()),
            source_severity: self.parsed("severity"),
            impact: self.input("impact"),
            likelihood: self.input("likelihood"),
            confidence: self.input("confidence"),
            occurred_at: self.parsed("occurred_at"),
            raw_log: self.text("raw_log", RAW_LOG_LIMITS),
            context: self.context(),
            tags: self.texts("tags"),
            mitre: self.texts("mitre"),
            ..NormalisedAlert::default()
        };
        alert.privileged_account = self.flag(&alert.context, "privileged_account");
        alert.critical_asset = self.flag(&alert.context, "critical_asset");
        alert.ecs = mapping::FIELDS.iter().filter_map(|field| self.mapped(field, &alert.context)).collect();
        alert
    }

    fn refuse(&mut self, pointer: String, detail: impl Display) {
        self.errors.push(FieldError::new(pointer, detail.to_string()));
    }

    fn demand_identifying(&mut self) {
        if !IDENTIFYING.iter().any(|name| self.members.contains_key(*name)) {
            self.refuse(String::new(), "must have at least one of incident_type, alert_type, title, raw_log");
        }
    }

    fn incident_type(&mut self) -> Option<IncidentType> {
        if self.members.contains_key("incident_type") && self.members.contains_key("alert_type") {
            self.refuse("/alert_type".to_owned(), "must not stand beside incident_type, which means the same");
        }
        let incident_type = self.parsed("incident_type");
        self.parsed("alert_type").or(incident_type)
    }

    fn string(&mut self, name: &str) -> Option<String> {
        match self.members.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.refuse(format!("/{name}"), "must be a string");
                None
            }
        }
    }

    fn text(&mut self, name: &str, limits: TextLimits) -> Option<String> {
        let text = self.string(name)?;
        self.or_refuse(format!("/{name}"), limits.check(&text).map(|()| text))
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.string(name)?;
        self.or_refuse(format!("/{name}"), text.parse())
    }

    fn or_refuse<T, E: Display>(&mut self, pointer: String, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.refuse(pointer, error)).ok()
    }

    fn input(&mut self, name: &str) -> Option<u8> {
        let value = self.members.get(name)?;
        let input = value.as_u64().and_then(|number| u8::try_from(number).ok()).filter(|input| (1..=INPUT_MAX).contains(input));
        if input.is_none() {
            self.refuse(format!("/{name}"), format!("must be an integer from 1 to {INPUT_MAX}"));
        }
        input
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        match self.members.get(name) {
            None => Vec::new(),
            Some(Value::Array(items)) if items.len() <= TAGS_MAX => self.items(name, items),
            Some(Value::Array(_)) => {
                self.refuse(format!("/{name}"), format!("must have at most {TAGS_MAX} items"));
                Vec::new()
            }
            Some(_) => {
                self.refuse(format!("/{name}"), "must be a list of strings");
                Vec::new()
            }
        }
    }

    fn items(&mut self, name: &str, items: &[Value]) -> Vec<String> {
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let checked = match item {
                Value::String(text) => TAG_LIMITS.check(text).map(|()| text.trim().to_owned()).map_err(|error| error.to_string()),
                _ => Err("must be a string".to_owned()),
            };
            let text = self.or_refuse(format!("/{name}/{index}"), checked);
            texts.extend(text.filter(|text| !texts.contains(text)));
        }
        texts
    }

    fn context(&mut self) -> Map<String, Value> {
        match self.members.get("context") {
            None => Map::new(),
            Some(Value::Object(context)) => context.clone(),
            Some(_) => {
                self.refuse("/context".to_owned(), "must be a JSON object");
                Map::new()
            }
        }
    }

    fn flag(&mut self, context: &Map<String, Value>, name: &str) -> bool {
        match context.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.refuse(format!("/context/{name}"), "must be true or false");
                false
            }
        }
    }

    fn mapped(&mut self, field: &MappedField, context: &Map<String, Value>) -> Option<(String, String)> {
        let entry = if self.members.contains_key(field.member) {
            let text = self.string(field.member)?;
            self.or_refuse(format!("/{}", field.member), field.normalised(&text))
        } else {
            let (name, result) = field.in_context(context)?;
            self.or_refuse(format!("/context/{name}"), result)
        };
        entry.map(|(ecs, value)| (ecs.to_owned(), value))
    }
}
