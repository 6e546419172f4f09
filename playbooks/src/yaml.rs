//! YAML from strangers: read as plain JSON within limits on size, depth, nodes (aliases count every time they are used) and
//! text, and searched for the line and column of a value. What the values mean is not looked at here.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::check::Spot;
use crate::expression::INTEGER_MAX;

/// The largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 65_536;
/// How many `[` and `{` a file may hold: the parser's work grows with their depth, before it can be told to stop.
pub const FILE_BRACKETS_MAX: usize = 4_000;
/// How deep lists and maps may nest.
pub const FILE_DEPTH_MAX: usize = 32;
/// How many values a file may hold.
pub const FILE_NODES_MAX: usize = 10_000;
/// How many bytes all texts of a file may have together.
pub const FILE_TEXT_BYTES_MAX: usize = 262_144;

/// What is wrong, and where if the parser tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) detail: String,
    pub(crate) position: Option<Position>,
}

/// A place in a file; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The text of the file, if its size, its brackets and its encoding are all right. Nothing is parsed before this.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > FILE_BYTES_MAX {
        let detail = format!("the file has {} bytes; at most {FILE_BYTES_MAX} are allowed", bytes.len());
        return Err(Fault { detail, position: None });
    }
    if bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > FILE_BRACKETS_MAX {
        return Err(Fault { detail: format!("more than {FILE_BRACKETS_MAX} opening brackets"), position: None });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Fault { detail: "the file is not UTF-8".to_owned(), position: Some(Position { line, column }) }
    })
}

/// The content as JSON. Refuses duplicate keys, NUL characters, tags, numbers that JSON cannot carry, and too much of anything.
pub(crate) fn content(text: &str) -> Result<Json, Fault> {
    let budget = Budget { nodes: Cell::new(FILE_NODES_MAX), text_bytes: Cell::new(FILE_TEXT_BYTES_MAX) };
    let reader = Reader { budget: &budget, depth: 0 };
    reader.deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| fault(&error))
}

/// Where the value at this JSON Pointer stands, or its key.
pub(crate) fn position_of(text: &str, pointer: &str, spot: Spot) -> Option<Position> {
    let path: Vec<String> = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let error = Probe { path: &path, spot }.deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    position(&error)
}

/// The parser's error with its position apart from its message.
pub(crate) fn fault(error: &serde_yaml::Error) -> Fault {
    let position = position(error);
    let message = error.to_string();
    let suffix = position.map(|at| format!(" at line {} column {}", at.line, at.column));
    let detail = suffix.and_then(|suffix| message.strip_suffix(&suffix).map(str::to_owned)).unwrap_or(message);
    Fault { detail, position }
}

fn position(error: &serde_yaml::Error) -> Option<Position> {
    error.location().map(|location| Position { line: location.line(), column: location.column() })
}

/// What is left of the file's limits.
struct Budget {
    nodes: Cell<usize>,
    text_bytes: Cell<usize>,
}

#[derive(Clone, Copy)]
struct Reader<'b> {
    budget: &'b Budget,
    depth: usize,
}

impl Reader<'_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= FILE_DEPTH_MAX {
            return Err(E::custom(format_args!("lists and maps nest deeper than {FILE_DEPTH_MAX} levels")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn count_node<E: de::Error>(self) -> Result<(), E> {
        let left = self.budget.nodes.get().checked_sub(1);
        self.budget.nodes.set(left.ok_or_else(|| E::custom(format_args!("more than {FILE_NODES_MAX} values")))?);
        Ok(())
    }

    fn count_text<E: de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            return Err(E::custom("a text must not contain a NUL character"));
        }
        let left = self.budget.text_bytes.get().checked_sub(text.len());
        self.budget.text_bytes.set(left.ok_or_else(|| E::custom(format_args!("more than {FILE_TEXT_BYTES_MAX} bytes of text")))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        self.count_node()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false, null, a list or a map")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::from(flag))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Json, E> {
        if number.unsigned_abs() <= INTEGER_MAX.unsigned_abs() { Ok(Json::from(number)) } else { Err(too_large()) }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        if number <= INTEGER_MAX.unsigned_abs() { Ok(Json::from(number)) } else { Err(too_large()) }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(number).map(Json::Number).ok_or_else(|| E::custom("a number must be finite"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        self.count_text(text)?;
        Ok(Json::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.count_text(&key)?;
            if map.contains_key(&key) {
                return Err(de::Error::custom(format_args!("`{key}` stands twice in one map")));
            }
            let value = entries.next_value_seed(inner)?;
            map.insert(key, value);
        }
        Ok(Json::Object(map))
    }
}

fn too_large<E: de::Error>() -> E {
    E::custom(format_args!("an integer must be within ±{INTEGER_MAX}"))
}

/// Walks to a value and fails there: the parser adds the position to the error.
struct Probe<'p> {
    path: &'p [String],
    spot: Spot,
}

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    /// A scalar is where the walk ends; its type error carries the position.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let (part, rest) = self.path.split_first().ok_or_else(found)?;
        let wanted: usize = part.parse().map_err(|_| found::<A::Error>())?;
        for _ in 0..wanted {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(Probe { path: rest, spot: self.spot })?;
        Err(found())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let (part, rest) = self.path.split_first().ok_or_else(found)?;
        let sought = (rest.is_empty() && self.spot == Spot::Key).then_some(part.as_str());
        while let Some(key) = entries.next_key_seed(KeyProbe { sought })? {
            if key == *part {
                entries.next_value_seed(Probe { path: rest, spot: self.spot })?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Err(found())
    }
}

/// Reads a key, and fails at the one that is sought.
struct KeyProbe<'p> {
    sought: Option<&'p str>,
}

impl<'de> DeserializeSeed<'de> for KeyProbe<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyProbe<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<String, E> {
        if self.sought == Some(key) { Err(found()) } else { Ok(key.to_owned()) }
    }
}

fn found<E: de::Error>() -> E {
    E::custom("found")
}
