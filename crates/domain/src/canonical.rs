//! RFC 8785 (JSON Canonicalization Scheme): the one spelling of a JSON value, so that equal content has an equal digest. Most of our
//! values are plain (see [`is_plain`]): for those serde's own spelling is the canonical one already, at a fraction of the cost.

use std::io;

use serde::Serialize;
use serde_json::{Map, Value};

/// Integers up to this are spelled alike by serde and by RFC 8785, which knows only doubles: 2^53 − 1.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// The canonical JSON of a value of ours. Our types hold only strings, integers below 2^53, lists and string-keyed maps,
/// which always can be written.
#[must_use]
pub fn to_json<T: Serialize>(value: &T) -> String {
    match serde_json_canonicalizer::to_string(value) {
        Ok(json) => json,
        Err(error) => unreachable!("a domain value has a canonical form: {error}"),
    }
}

/// The same for a parsed value.
#[must_use]
pub fn value_to_json(value: &Value) -> String {
    if is_plain(value) { value.to_string() } else { to_json(value) }
}

/// Is this text the canonical JSON of the value?
#[must_use]
pub fn is_json_of(text: &str, value: &Value) -> bool {
    if is_plain(value) {
        let mut expected = Expected(text.as_bytes());
        serde_json::to_writer(&mut expected, value).is_ok() && expected.0.is_empty()
    } else {
        to_json(value) == text
    }
}

/// What is still to be written; anything else is an error.
struct Expected<'a>(&'a [u8]);

impl io::Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same for a struct whose members are declared in the order of their names, at every depth, and whose only free part is `part`.
#[must_use]
pub fn ordered_to_json<T: Serialize>(value: &T, part: &Map<String, Value>) -> String {
    match serde_json::to_string(value) {
        Ok(json) if is_plain_map(part) => json,
        _ => to_json(value),
    }
}

/// Is serde's spelling the canonical one? So it is where names are ASCII, which sorts alike as UTF-8 and as UTF-16, and numbers are
/// integers that a double holds; strings are escaped alike.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(natural), _) => natural <= INTEGER_MAX,
            (_, Some(integer)) => integer.unsigned_abs() <= INTEGER_MAX,
            _ => false,
        },
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => is_plain_map(members),
    }
}

fn is_plain_map(members: &Map<String, Value>) -> bool {
    members.iter().all(|(name, value)| name.is_ascii() && is_plain(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
    use serde_json::{Value, json};

    use super::{is_json_of, to_json, value_to_json};

    /// Values with everything that could be spelled in two ways: all of Unicode in names and texts, every number.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-9_007_199_254_740_993_i64..9_007_199_254_740_993).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\x00-\\x7f]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map("[a-zA-Z_]{0,4}", inner.clone(), 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_short_way_spells_as_the_canonicaliser_does(value in values()) {
            prop_assert_eq!(value_to_json(&value), serde_json_canonicalizer::to_string(&value).unwrap());
        }

        #[test]
        fn only_the_one_spelling_is_that_of_a_value(value in values()) {
            let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert!(is_json_of(&canonical, &value), "{}", canonical);
            let last = canonical.chars().last().map_or(0, char::len_utf8);
            let others = [canonical.clone() + " ", canonical[..canonical.len() - last].to_owned(), format!(" {canonical}")];
            for other in others {
                prop_assert!(!is_json_of(&other, &value), "{}", other);
            }
        }
    }

    #[test]
    fn members_are_sorted_by_utf_16_and_numbers_have_one_spelling() {
        let check = |value: Value, expected: &str| assert_eq!(to_json(&value), expected);
        // Sections 3.2.2.2 and 3.2.3 of RFC 8785.
        check(
            json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
                "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"}),
            concat!(
                "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",",
                "\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",",
                "\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
            ),
        );
        check(
            json!([333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001, -0.0, 7, null, true]),
            "[333333333.3333333,1e+30,4.5,0.002,1e-27,0,7,null,true]",
        );
        check(json!("\u{20ac}$\u{f}\nA'B\"\\\"/"), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\"");
    }
}
