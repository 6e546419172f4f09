//! Free text that people and senders write: how short, how long, and without the one character that cannot be stored. What a
//! text means is each noun's business.

use crate::visible::is_letter_or_digit;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Counted in characters, without the white space around it.
    #[error("must be at least {chars_min} characters long")]
    TooShort { chars_min: usize },
    /// Of a reason only what a reader sees and can read is counted.
    #[error("must have at least {letters_min} {} that can be seen", if *letters_min == 1 { "letter or digit" } else { "letters and digits" })]
    TooFewLetters { letters_min: usize },
    #[error("must be at most {bytes_max} bytes of UTF-8")]
    TooLong { bytes_max: usize },
    /// PostgreSQL cannot store U+0000.
    #[error("must not contain a NUL character")]
    ContainsNul,
}

/// How short and how long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimits {
    /// Characters, without the white space around the text.
    pub chars_min: usize,
    /// Bytes of UTF-8.
    pub bytes_max: usize,
}

impl TextLimits {
    /// Is the text within these limits, and storable?
    pub fn check(self, text: &str) -> Result<(), InvalidText> {
        if text.contains('\0') {
            return Err(InvalidText::ContainsNul);
        }
        if text.len() > self.bytes_max {
            return Err(InvalidText::TooLong { bytes_max: self.bytes_max });
        }
        if text.trim().chars().count() < self.chars_min {
            return Err(InvalidText::TooShort { chars_min: self.chars_min });
        }
        Ok(())
    }
}

/// How little and how much a reason may say, whatever it is a reason for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReasonLimits {
    /// Letters and digits that can be seen, of any script.
    pub letters_min: usize,
    /// Bytes of UTF-8.
    pub bytes_max: usize,
}

impl ReasonLimits {
    /// Does the reason say enough to a reader, and is it storable?
    pub fn check(self, reason: &str) -> Result<(), InvalidText> {
        TextLimits { chars_min: 0, bytes_max: self.bytes_max }.check(reason)?;
        let letters_min = self.letters_min;
        if letters_of(reason) < letters_min { Err(InvalidText::TooFewLetters { letters_min }) } else { Ok(()) }
    }
}

/// How many letters and digits of the text can be seen.
#[must_use]
pub fn letters_of(text: &str) -> usize {
    text.chars().filter(|character| is_letter_or_digit(*character)).count()
}

/// The text, cut at a character's boundary to at most this many bytes, an ellipsis included if anything was cut.
#[must_use]
pub fn shortened(text: &str, bytes_max: usize) -> String {
    const ELLIPSIS: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub(ELLIPSIS.len()));
    format!("{}{ELLIPSIS}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{InvalidText, ReasonLimits, TextLimits, shortened};

    #[test]
    fn limits_are_inclusive_and_white_space_does_not_count() {
        let limits = TextLimits { chars_min: 3, bytes_max: 8 };
        let check = |text: &str, expected: Result<(), InvalidText>| assert_eq!(limits.check(text), expected, "{text:?}");
        check("abc", Ok(()));
        check("äöü", Ok(()));
        check("abcdefgh", Ok(()));
        check("abcdefghi", Err(InvalidText::TooLong { bytes_max: 8 }));
        check("äöüäö", Err(InvalidText::TooLong { bytes_max: 8 }));
        check("  ab  ", Err(InvalidText::TooShort { chars_min: 3 }));
        check("", Err(InvalidText::TooShort { chars_min: 3 }));
        check("abc\0", Err(InvalidText::ContainsNul));
    }

    #[test]
    fn a_reason_is_what_a_reader_sees_of_it() {
        let limits = ReasonLimits { letters_min: 10, bytes_max: 64 };
        let check = |reason: &str, expected: Result<(), InvalidText>| assert_eq!(limits.check(reason), expected, "{reason:?}");
        let too_few = Err(InvalidText::TooFewLetters { letters_min: 10 });
        for reason in
            ["0123456789", "looks sound", "äöüäöüäöüä", "  0 1 2 3 4 5 6 7 8 9 ", "выглядит верно", "安全事件响应登录失败"]
        {
            check(reason, Ok(()));
        }
        for blank in ['\u{200b}', '\u{2800}', '\u{3164}', '\u{ad}', '\u{301}', '\u{e0041}', '\u{a0}', '.'] {
            check(&String::from(blank).repeat(12), too_few);
        }
        check("012345678", too_few);
        check("012345678..........", too_few);
        check("", too_few);
        check("0123456789\0", Err(InvalidText::ContainsNul));
        check(&"x".repeat(65), Err(InvalidText::TooLong { bytes_max: 64 }));
        assert_eq!(
            InvalidText::TooFewLetters { letters_min: 10 }.to_string(),
            "must have at least 10 letters and digits that can be seen"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        let check = |text: &str, expected: &str| assert_eq!(shortened(text, 8), expected);
        check("abcdefgh", "abcdefgh");
        check("abcdefghi", "abcde…");
        check("abcdäöü", "abcd…");
    }
}
