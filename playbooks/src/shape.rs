//! What may stand where in a playbook, as data: one description from which a document is checked, with every fault at once, and
//! from which the JSON Schema is made. What the values mean together is checked in `check`.

pub(crate) mod document;
pub(crate) mod json_schema;
mod text;

use serde_json::{Map, Value as Json};

use crate::check::{Finding, Spot};
use crate::suggestion::nearest;

pub(crate) use text::Text;

/// What may stand at one place.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Text(Text),
    Integer {
        min: i64,
        max: i64,
    },
    /// `true`, and nothing else.
    True,
    Words(Vec<&'static str>),
    /// A map that is looked at elsewhere, or not at all.
    Mapping,
    List {
        item: Box<Shape>,
        min: usize,
        max: usize,
    },
    /// One item, or a list of at least one.
    OneOrList {
        item: Box<Shape>,
        max: usize,
    },
    /// A map of these keys and no other.
    Object(Vec<Field>),
    /// The parameters of the step's action, which are checked with it.
    Parameters,
}

/// A key of a map.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    /// One line for people, shown by editors.
    pub(crate) summary: &'static str,
    pub(crate) shape: Shape,
}

impl Field {
    pub(crate) fn required(name: &'static str, summary: &'static str, shape: Shape) -> Self {
        Self { name, required: true, summary, shape }
    }

    pub(crate) fn optional(name: &'static str, summary: &'static str, shape: Shape) -> Self {
        Self { name, required: false, summary, shape }
    }
}

/// Every place of a value that does not have its shape.
pub(crate) fn faults(shape: &Shape, value: &Json, pointer: &str) -> Vec<Finding> {
    match shape {
        Shape::Text(text) => text.fault(value).map(|detail| Finding::new(pointer, detail)).into_iter().collect(),
        Shape::Integer { min, max } => integer_fault(value, (*min, *max), pointer).into_iter().collect(),
        Shape::True => true_fault(value, pointer).into_iter().collect(),
        Shape::Words(words) => word_fault(value, words, pointer).into_iter().collect(),
        Shape::Mapping | Shape::Parameters if value.is_object() => Vec::new(),
        Shape::Mapping | Shape::Parameters => vec![wrong_kind(value, "a map", pointer)],
        Shape::List { item, min, max } => match value {
            Json::Array(items) => list_faults(item, items, (*min, *max), pointer),
            _ => vec![wrong_kind(value, "a list", pointer)],
        },
        Shape::OneOrList { item, max } => match value {
            Json::Array(items) => list_faults(item, items, (1, *max), pointer),
            one => faults(item, one, pointer),
        },
        Shape::Object(fields) => match value {
            Json::Object(entries) => object_faults(fields, entries, pointer),
            _ => vec![wrong_kind(value, &format!("a map of {}", names(fields)), pointer)],
        },
    }
}

/// What a value is called in a sentence.
pub(crate) fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}

fn wrong_kind(value: &Json, expected: &str, pointer: &str) -> Finding {
    Finding::new(pointer, format!("is {}", kind_of(value))).expecting(expected)
}

fn integer_fault(value: &Json, (min, max): (i64, i64), pointer: &str) -> Option<Finding> {
    let expected = format!("a whole number from {min} to {max}");
    match value.as_i64() {
        Some(number) if (min..=max).contains(&number) => None,
        Some(number) => Some(Finding::new(pointer, format!("{number} is out of range")).expecting(&expected)),
        None => Some(wrong_kind(value, &expected, pointer)),
    }
}

fn true_fault(value: &Json, pointer: &str) -> Option<Finding> {
    match value {
        Json::Bool(true) => None,
        Json::Bool(false) => {
            Some(Finding::new(pointer, "a rule can only be true; leave it out if it shall not hold").expecting("true"))
        }
        _ => Some(wrong_kind(value, "true", pointer)),
    }
}

fn word_fault(value: &Json, words: &[&'static str], pointer: &str) -> Option<Finding> {
    let expected = format!("one of {}", words.join(", "));
    let Json::String(word) = value else { return Some(wrong_kind(value, &expected, pointer)) };
    if words.contains(&word.as_str()) {
        return None;
    }
    let finding = Finding::new(pointer, format!("`{}` is not known here", domain::text::shortened(word, WORD_SHOWN_BYTES_MAX)));
    Some(finding.expecting(&expected).meaning(nearest(word, words.iter().copied())))
}

/// A word of the document as an error shows it.
pub(crate) const WORD_SHOWN_BYTES_MAX: usize = 80;

fn list_faults(item: &Shape, items: &[Json], (min, max): (usize, usize), pointer: &str) -> Vec<Finding> {
    if !(min..=max).contains(&items.len()) {
        let detail = format!("the list has {} items", items.len());
        return vec![Finding::new(pointer, detail).expecting(&format!("{min} to {max}"))];
    }
    items.iter().enumerate().flat_map(|(index, value)| faults(item, value, &format!("{pointer}/{index}"))).collect()
}

fn object_faults(fields: &[Field], entries: &Map<String, Json>, pointer: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, value) in entries {
        let inner = format!("{pointer}/{}", escaped(key));
        match fields.iter().find(|field| field.name == key) {
            Some(field) => found.extend(faults(&field.shape, value, &inner)),
            None => {
                let shown = domain::text::shortened(key, WORD_SHOWN_BYTES_MAX);
                let finding = Finding::new(&inner, format!("the key `{shown}` is not known here")).at(Spot::Key);
                found.push(finding.expecting(&format!("one of {}", names(fields))).meaning(nearest(key, keys(fields))));
            }
        }
    }
    for field in fields.iter().filter(|field| field.required && !entries.contains_key(field.name)) {
        found.push(Finding::new(pointer, format!("the key `{}` is missing", field.name)).expecting(field.summary));
    }
    found
}

fn names(fields: &[Field]) -> String {
    keys(fields).collect::<Vec<_>>().join(", ")
}

fn keys(fields: &[Field]) -> impl Iterator<Item = &'static str> + '_ {
    fields.iter().map(|field| field.name)
}

/// A key as a part of a JSON Pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
