//! Values on their way into an expression and out of it: JSON in, JSON or text out.

use std::collections::HashMap;

use cel::Value;
use cel::objects::{Key, Map};
use chrono::{SecondsFormat, Utc};
use serde_json::Value as Json;

use super::{EvaluationError, LIST_ITEMS_MAX};

/// The largest integer that every reader of JSON holds exactly: 2^53 − 1.
pub(crate) const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// JSON as a value of an expression; integers are signed wherever they fit, so that arithmetic mixes them freely.
pub(crate) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Value::Int(integer),
            (None, Some(integer)) => Value::UInt(integer),
            (None, None) => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::String(text.clone().into()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect::<Vec<_>>().into()),
        Json::Object(entries) => {
            let entries: HashMap<Key, Value> =
                entries.iter().map(|(name, item)| (Key::String(name.clone().into()), from_json(item))).collect();
            Value::Map(Map { map: entries.into() })
        }
    }
}

/// The value as a parameter holds it. Integers beyond 2^53 − 1 and what JSON has no word for are refused.
pub(super) fn to_json(value: &Value) -> Result<Json, EvaluationError> {
    match value {
        Value::Bool(flag) => Ok(Json::Bool(*flag)),
        Value::Int(integer) if integer.abs_diff(0) <= INTEGER_MAX.unsigned_abs() => Ok(Json::from(*integer)),
        Value::UInt(integer) if *integer <= INTEGER_MAX.unsigned_abs() => Ok(Json::from(*integer)),
        Value::Float(number) if number.is_finite() => Ok(Json::from(*number)),
        Value::String(text) => Ok(Json::from(text.as_str())),
        Value::List(items) if items.len() <= LIST_ITEMS_MAX => items.iter().map(to_json).collect(),
        Value::Map(entries) if entries.map.len() <= LIST_ITEMS_MAX => {
            entries.map.iter().map(|(name, item)| Ok((name.to_string(), to_json(item)?))).collect()
        }
        Value::Timestamp(_) | Value::Duration(_) => to_text(value).map(Json::from),
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => Err(EvaluationError::NoParameter("a number out of range".to_owned())),
        Value::List(_) | Value::Map(_) => Err(EvaluationError::NoParameter(format!("longer than {LIST_ITEMS_MAX} items"))),
        other => Err(EvaluationError::NoParameter(kind_of(other).to_owned())),
    }
}

/// The value as it reads inside a text: scalars only.
pub(super) fn to_text(value: &Value) -> Result<String, EvaluationError> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Int(integer) => Ok(integer.to_string()),
        Value::UInt(integer) => Ok(integer.to_string()),
        Value::Float(number) if number.is_finite() => Ok(number.to_string()),
        Value::Timestamp(time) => Ok(time.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true)),
        Value::Duration(length) => Ok(format!("{}s", length.num_seconds())),
        other => Err(EvaluationError::NoText(kind_of(other).to_owned())),
    }
}

/// What a person calls a value of this kind.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Timestamp(_) => "a time",
        Value::Duration(_) => "a duration",
        Value::Bytes(_) => "bytes",
        _ => "something else",
    }
}
