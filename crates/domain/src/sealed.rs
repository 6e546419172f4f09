//! What is stored under its digest: nobody reads it without the comparison. Where it is stored, and what follows if it was changed, is
//! decided elsewhere.

use crate::digest::Digest;

/// A text or bytes as they are stored, and the digest under which somebody wants them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed<T> {
    digest: Digest,
    /// `None` if what was stored is gone.
    stored: Option<T>,
}

/// What is stored under this digest is not what was stored there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is stored under the digest {0} is not what was stored there: it was changed in the database")]
pub struct Tampered(pub Digest);

impl<T: AsRef<[u8]>> Sealed<T> {
    /// What is stored under this digest, if it is still there.
    #[must_use]
    pub const fn new(digest: Digest, stored: Option<T>) -> Self {
        Self { digest, stored }
    }

    /// Something new under its own digest.
    #[must_use]
    pub fn of(whole: T) -> Self {
        Self { digest: Digest::of(whole.as_ref()), stored: Some(whole) }
    }

    /// The digest under which it is wanted.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What is stored, if it has the digest.
    pub fn opened(&self) -> Result<&T, Tampered> {
        self.stored.as_ref().filter(|stored| Digest::of(stored.as_ref()) == self.digest).ok_or(Tampered(self.digest))
    }

    /// The same, to keep.
    pub fn open(self) -> Result<T, Tampered> {
        self.opened()?;
        self.stored.ok_or(Tampered(self.digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_digest_is_opened() {
        // SHA-256 of "abc", from FIPS 180-2.
        let digest: Digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().unwrap();
        for (stored, expected) in [(Some("abc"), Ok("abc")), (Some("abd"), Err(Tampered(digest))), (None, Err(Tampered(digest)))]
        {
            let sealed = Sealed::new(digest, stored);
            assert_eq!(sealed.opened().copied(), expected, "{stored:?}");
            assert_eq!(sealed.open(), expected, "{stored:?}");
        }
        assert_eq!(Sealed::of("abc").digest(), digest);
    }
}
