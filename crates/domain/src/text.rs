//! Free text that people and senders write: how short, how long, and without the one character that cannot be stored. What a
//! text means is each noun's business.

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Counted in characters, without the white space around it.
    #[error("must be at least {chars_min} characters long")]
    TooShort { chars_min: usize },
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
    use super::{InvalidText, TextLimits, shortened};

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
    fn a_text_is_cut_between_characters() {
        let check = |text: &str, expected: &str| assert_eq!(shortened(text, 8), expected);
        check("abcdefgh", "abcdefgh");
        check("abcdefghi", "abcde…");
        check("abcdäöü", "abcd…");
    }
}
