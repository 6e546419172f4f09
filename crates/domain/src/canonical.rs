//! RFC 8785 (JSON Canonicalization Scheme): the one spelling of a JSON value, so that equal content has an equal digest.

use serde::Serialize;

/// The canonical JSON of a value of ours. Our types hold only strings, integers below 2^53, lists and string-keyed maps,
/// which always can be written.
#[must_use]
pub fn to_json<T: Serialize>(value: &T) -> String {
    match serde_json_canonicalizer::to_string(value) {
        Ok(json) => json,
        Err(error) => unreachable!("a domain value has a canonical form: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::to_json;

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
