//! Texts in a playbook: what each sort may hold, as a check and as a pattern that says the same to an editor.

use std::str::FromStr;

use serde_json::Value as Json;

use super::kind_of;
use crate::duration::Duration;
use crate::expression::EXPRESSION_BYTES_MAX;

/// A sort of text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) bytes_max: usize,
    /// A pattern (ECMA 262) of exactly what `accepts` takes.
    pub(crate) pattern: Option<String>,
    accepts: fn(&str, u32) -> bool,
    /// For lengths of time: the longest, in seconds.
    seconds_max: u32,
    pub(crate) expected: String,
}

impl Text {
    /// Any text up to this length, not blank.
    pub(crate) fn line(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            pattern: Some(r"\S".to_owned()),
            accepts: |text, _| !text.trim().is_empty(),
            seconds_max: 0,
            expected: format!("a text of 1 to {bytes_max} bytes"),
        }
    }

    /// Any text up to this length.
    pub(crate) fn free(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            pattern: None,
            accepts: |_, _| true,
            seconds_max: 0,
            expected: format!("a text of at most {bytes_max} bytes"),
        }
    }

    /// A word of a kind that the domain knows.
    pub(crate) fn word<T: FromStr>(pattern: &str, expected: &str) -> Self {
        Self {
            bytes_max: WORD_BYTES_MAX,
            pattern: Some(pattern.to_owned()),
            accepts: |text, _| text.parse::<T>().is_ok(),
            seconds_max: 0,
            expected: expected.to_owned(),
        }
    }

    /// A CEL expression; what is in it is checked elsewhere.
    pub(crate) fn expression() -> Self {
        Self { expected: "a CEL expression in quotes".to_owned(), ..Self::line(EXPRESSION_BYTES_MAX) }
    }

    /// A length of time from one second to this many, such as `24h`.
    pub(crate) fn duration(seconds_max: u32, expected: &str) -> Self {
        Self {
            bytes_max: WORD_BYTES_MAX,
            pattern: Some(duration_pattern(seconds_max)),
            accepts: |text, seconds_max| text.parse::<Duration>().is_ok_and(|length| length.seconds() <= seconds_max),
            seconds_max,
            expected: expected.to_owned(),
        }
    }

    /// Why a value is no such text.
    pub(crate) fn fault(&self, value: &Json) -> Option<String> {
        let Json::String(text) = value else {
            return Some(format!("is {}; expected {}", kind_of(value), self.expected));
        };
        let fits = text.len() <= self.bytes_max && (self.accepts)(text, self.seconds_max);
        (!fits).then(|| format!("must be {}", self.expected))
    }
}

/// Longer than any word.
const WORD_BYTES_MAX: usize = 256;

/// A whole number without leading zeros and a unit, up to this many seconds.
pub(crate) fn duration_pattern(seconds_max: u32) -> String {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let of_unit = |(unit, seconds): (&str, u32)| {
        let max = seconds_max / seconds;
        (max > 0).then(|| format!("(?:{}){unit}", numbers_to(max)))
    };
    format!("^(?:{})$", units.into_iter().filter_map(of_unit).collect::<Vec<_>>().join("|"))
}

/// A pattern of the numbers from 1 to this one: those with fewer digits, and digit by digit those that stay below.
fn numbers_to(max: u32) -> String {
    let digits = max.to_string();
    let mut parts: Vec<String> = (1..digits.len()).map(|length| format!("[1-9][0-9]{{{}}}", length - 1)).collect();
    for (place, digit) in digits.bytes().enumerate() {
        let least = if place == 0 { b'1' } else { b'0' };
        if digit > least {
            let rest = digits.len() - place - 1;
            let (least, below) = (char::from(least), char::from(digit - 1));
            parts.push(format!("{}[{least}-{below}][0-9]{{{rest}}}", &digits[..place]));
        }
    }
    parts.push(digits);
    parts.join("|")
}

#[cfg(test)]
mod tests {
    use super::duration_pattern;

    #[test]
    fn the_pattern_names_every_number_up_to_the_longest() {
        assert_eq!(
            duration_pattern(86_400),
            "^(?:(?:[1-9][0-9]{0}|[1-9][0-9]{1}|[1-9][0-9]{2}|[1-9][0-9]{3}|[1-7][0-9]{4}|8[0-5][0-9]{3}|86[0-3][0-9]{2}|86400)s|\
             (?:[1-9][0-9]{0}|[1-9][0-9]{1}|[1-9][0-9]{2}|1[0-3][0-9]{2}|14[0-3][0-9]{1}|1440)m|\
             (?:[1-9][0-9]{0}|[1-1][0-9]{1}|2[0-3][0-9]{0}|24)h|(?:1)d)$"
        );
    }
}
