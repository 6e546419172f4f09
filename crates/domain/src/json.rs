//! Strict reading of JSON from outside: nothing twice in an object, nothing nested too deep, nothing after the end. What the
//! document should say is each noun's business.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How many arrays and objects may stand within one another.
pub const JSON_DEPTH_MAX: usize = 64;

/// Not JSON, nested too deep, or a key twice in one object; says what and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

/// The document in these bytes of UTF-8.
pub fn parse(bytes: &[u8]) -> Result<Value, Malformed> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Level(0).deserialize(&mut deserializer).map_err(malformed)?;
    deserializer.end().map_err(malformed)?;
    Ok(value)
}

fn malformed(error: serde_json::Error) -> Malformed {
    Malformed(error.to_string())
}

/// Reads one value that stands within this many arrays and objects.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.0 < JSON_DEPTH_MAX {
            Ok(Self(self.0 + 1))
        } else {
            Err(E::custom(format!("nested over {JSON_DEPTH_MAX} levels")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
        }
        Ok(Value::Object(map))
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use serde_json::Value;

    use super::parse;

    fn nested(levels: usize) -> String {
        format!("{}1{}", "[".repeat(levels), "]".repeat(levels))
    }

    fn nested_objects(levels: usize) -> String {
        format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
    }

    #[test]
    fn well_formed_documents_are_read() {
        let check = |text: &str| assert_eq!(parse(text.as_bytes()), Ok(serde_json::from_str(text).unwrap()), "{text}");
        check("null");
        check(" [true, false, -1, 18446744073709551615, 1.5, \"a\"] \n");
        check(r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}"#);
        check(r#"{"nul": "\u0000", "emoji": "\ud83d\ude00"}"#);
        check(&nested(64));
        check(&nested_objects(64));
    }

    #[test]
    fn malformed_documents_are_refused() {
        let check = |bytes: &[u8], expected: &str| {
            let error = parse(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error} instead of {expected}");
        };
        check(b"", "EOF");
        check(b"   ", "EOF");
        check(b"{", "EOF");
        check(b"{} {}", "trailing characters");
        check(b"{'a': 1}", "line 1 column 2");
        check(b"[1,]", "line 1 column 4");
        check(b"NaN", "line 1 column 1");
        check(b"\xef\xbb\xbf{}", "line 1 column 1");
        check(b"\"\xff\"", "line 1");
        check(b"\"\x00\"", "line 1");
        check(br#""\ud800""#, "line 1");
        check(br#"{"a": 1, "a": 1}"#, "twice");
        check(br#"{"b": [{"a": 1, "\u0061": 2}]}"#, "twice");
        check(nested(65).as_bytes(), "nested over 64 levels");
        check(nested_objects(65).as_bytes(), "nested over 64 levels");
        check("[".repeat(1_000_000).as_bytes(), "nested over 64 levels");
        check("{\"a\":".repeat(1_000_000).as_bytes(), "nested over 64 levels");
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..8).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(value in document()) {
            assert_eq!(parse(value.to_string().as_bytes()), Ok(value));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
