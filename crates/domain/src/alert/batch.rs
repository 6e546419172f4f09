//! Batches: a JSON array or lines of JSON, taken apart into the bytes of each alert as they were received. What an alert says is read
//! one by one elsewhere, so that a bad one harms only itself.

use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::FieldError;

/// Alerts that a batch may have.
pub const BATCH_ITEMS_MAX: usize = 1_000;
/// The largest batch, in bytes.
pub const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The largest alert, alone or in a batch, in bytes.
pub const ALERT_BYTES_MAX: usize = 1024 * 1024;

/// Why a batch is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchRefusal {
    /// Not JSON, or no line of it is.
    Malformed(String),
    /// Well-formed, but not a list of alerts that may be posted.
    Invalid(FieldError),
}

/// The items of a JSON array, each as the bytes that it was written with.
pub fn split_array(bytes: &[u8]) -> Result<Vec<&[u8]>, BatchRefusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| BatchRefusal::Malformed(error.to_string()))?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let items = deserializer.deserialize_seq(Items).and_then(|items| deserializer.end().map(|()| items));
    let items = items.map_err(|error| not_an_array(bytes, &error))?;
    counted(items)
}

/// The lines of an NDJSON document; empty lines do not count. At least one must be JSON.
pub fn split_lines(bytes: &[u8]) -> Result<Vec<&[u8]>, BatchRefusal> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.take(BATCH_ITEMS_MAX + 1).collect();
    let lines = counted(lines)?;
    match lines.iter().any(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok()) {
        true => Ok(lines),
        false => Err(BatchRefusal::Malformed("no line of the body is JSON".to_owned())),
    }
}

fn counted(items: Vec<&[u8]>) -> Result<Vec<&[u8]>, BatchRefusal> {
    match items.len() {
        0 => Err(invalid("holds no alert")),
        1..=BATCH_ITEMS_MAX => Ok(items),
        _ => Err(invalid(&format!("may have at most {BATCH_ITEMS_MAX} alerts"))),
    }
}

fn invalid(detail: &str) -> BatchRefusal {
    BatchRefusal::Invalid(FieldError { pointer: String::new(), detail: detail.to_owned() })
}

/// Another kind of JSON is a wrong value; what is not JSON at all is malformed.
fn not_an_array(bytes: &[u8], error: &serde_json::Error) -> BatchRefusal {
    if error.is_data() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        invalid("must be an array of alerts")
    } else {
        BatchRefusal::Malformed(error.to_string())
    }
}

/// Collects items up to one more than there may be; the rest is read over.
struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de [u8]>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of alerts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= BATCH_ITEMS_MAX {
            match array.next_element::<&RawValue>()? {
                Some(item) => items.push(item.get().as_bytes()),
                None => return Ok(items),
            }
        }
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(split: Result<Vec<&[u8]>, BatchRefusal>) -> Result<Vec<String>, BatchRefusal> {
        split.map(|items| items.into_iter().map(|item| String::from_utf8_lossy(item).into_owned()).collect())
    }

    fn is_malformed(split: Result<Vec<&[u8]>, BatchRefusal>) -> bool {
        matches!(split, Err(BatchRefusal::Malformed(_)))
    }

    fn is_invalid(split: Result<Vec<&[u8]>, BatchRefusal>) -> bool {
        matches!(split, Err(BatchRefusal::Invalid(_)))
    }

    #[test]
    fn the_items_of_an_array_keep_their_bytes() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(texts(split_array(text.as_bytes())), Ok(expected.iter().map(ToString::to_string).collect()), "{text}");
        };
        check(r#"[{"a": 1.50 ,"b":"\u00e9"}]"#, &[r#"{"a": 1.50 ,"b":"\u00e9"}"#]);
        check(" [ {} ,\n7, \"x\",null,[1, [2]]\t] \n", &["{}", "7", "\"x\"", "null", "[1, [2]]"]);
        check(r#"[{"a":1,"a":2}]"#, &[r#"{"a":1,"a":2}"#]);
    }

    #[test]
    fn what_is_no_array_of_alerts_is_refused_as_a_whole() {
        for malformed in ["", " ", "[", "[{]", "[{},]", "[{}] x", "[{}", "nonsense", "[\"\u{0}\"]"] {
            assert!(is_malformed(split_array(malformed.as_bytes())), "{malformed:?}");
        }
        assert!(is_malformed(split_array(b"[\"\xff\"]")));
        for invalid in ["{}", "7", "null", "\"[]\"", "[]", " [ ] "] {
            assert!(is_invalid(split_array(invalid.as_bytes())), "{invalid:?}");
        }
    }

    #[test]
    fn lines_are_items_even_where_some_are_not_json() {
        let split = split_lines(b"{\"a\":1}\r\n\n  {\"b\": \n{} \n");
        assert_eq!(texts(split), Ok(vec!["{\"a\":1}".to_owned(), "{\"b\":".to_owned(), "{}".to_owned()]));
        assert!(is_malformed(split_lines(b"nonsense\nmore nonsense\n")));
        assert!(is_invalid(split_lines(b"\n \r\n")));
    }

    #[test]
    fn a_batch_has_at_most_a_thousand_items() {
        let array = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
        assert_eq!(split_array(array(1_000).as_bytes()).unwrap().len(), 1_000);
        assert!(is_invalid(split_array(array(1_001).as_bytes())));
        assert!(is_invalid(split_array(array(100_000).as_bytes())));
        assert_eq!(split_lines("{}\n".repeat(1_000).as_bytes()).unwrap().len(), 1_000);
        assert!(is_invalid(split_lines("{}\n".repeat(1_001).as_bytes())));
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("[{}1{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(split_array(deep.as_bytes()).unwrap().len(), 1);
    }
}
