//! The `Idempotency-Key` of a request, and what it claims: one change by one caller at one address, at most once. How the answer is
//! kept and given again is not known here.

use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;

/// The longest key, in characters.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 128;
/// How long an answer is kept, in milliseconds.
pub const ANSWER_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// A sender's name for one request: 1 to 128 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// Not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// What is stored of it: whoever reads the database cannot repeat the request, nor guess at its body.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let fits = (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidIdempotencyKey) }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One request that its sender may repeat without anything happening twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub place: ClaimPlace,
    /// SHA-256 of the key and of what stands for the body: the same key with another body is a mistake of the sender.
    pub request: Digest,
    pub standing: ClaimStanding,
}

/// Was this request answered before?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStanding {
    /// Not as far as is known.
    New,
    /// Then nothing is done but to look whether its sender may still ask for it.
    Answered,
}

impl Claim {
    /// The claim of a request with this body.
    #[must_use]
    pub fn new(place: ClaimPlace, body: &[u8]) -> Self {
        let request = Digest::of_parts(&[place.key.0.as_bytes(), &[0], body]);
        Self { place, request, standing: ClaimStanding::New }
    }

    /// The same claim of a request that was answered before.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { standing: ClaimStanding::Answered, ..self }
    }

    /// The same claim of a request whose body is a file, which is known only once all of it was received. However a form is written,
    /// its file's name and digest stand for it.
    #[must_use]
    pub fn of_file(&self, name: &str, sha256: &Digest) -> Self {
        let parts: [&[u8]; 5] = [self.place.key.0.as_bytes(), &[0], name.as_bytes(), &[0], sha256.as_bytes()];
        Self { place: self.place.clone(), request: Digest::of_parts(&parts), standing: self.standing }
    }
}

/// What must not be done twice: this caller, this address, this key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimPlace {
    pub caller: String,
    pub path: String,
    pub key: IdempotencyKey,
}

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Names and values of the headers that belong to this very answer.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What was done under a key before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// See [`Claim::request`].
    pub request: Digest,
    pub answer: KeptAnswer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_visible_ascii() {
        let longest = "k".repeat(128);
        for (text, expected) in [
            ("a", true),
            ("8e03978e-40d5-43e8-bc93-6894a57f9324", true),
            ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", true),
            (longest.as_str(), true),
            ("", false),
            (&format!("{longest}k"), false),
            ("two words", false),
            ("tab\t", false),
            ("nul\0", false),
            ("del\x7f", false),
            ("é", false),
        ] {
            assert_eq!(text.parse::<IdempotencyKey>().is_ok(), expected, "{text:?}");
        }
    }
}
