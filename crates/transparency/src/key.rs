//! The key that signs a log's heads and the key by which anyone verifies them, in the text forms of C2SP signed-note.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use signed_note::{Signature, Signer as _, StandardSigner, StandardVerifier, Verifier as _};

/// The first byte of an encoded key: Ed25519.
const ED25519: u8 = 1;

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("must be a C2SP signing key: PRIVATE+KEY+name+id+base64, of Ed25519")]
    Signing,
    #[error("must be a C2SP verifier key: name+id+base64, of Ed25519")]
    Verifier,
    #[error("a key's name must not be empty, nor hold white space or a plus sign")]
    Name,
}

/// A signing key. Its name is the log's origin.
#[derive(Clone)]
pub struct LogKey {
    text: String,
    signer: StandardSigner,
    verifier: VerifierKey,
}

impl LogKey {
    /// The key of this name with these 32 secret bytes, which must be random.
    pub fn from_secret(name: &str, secret: &[u8; 32]) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(name) {
            return Err(KeyError::Name);
        }
        let public = ed25519_dalek::SigningKey::from_bytes(secret).verifying_key();
        let id = signed_note::key_id(name, &[&[ED25519], public.as_bytes().as_slice()].concat());
        let encoded = BASE64_STANDARD.encode([&[ED25519], secret.as_slice()].concat());
        format!("PRIVATE+KEY+{name}+{id:08x}+{encoded}").parse()
    }

    /// The secret text, as it is kept in a key file.
    #[must_use]
    pub fn secret_text(&self) -> &str {
        &self.text
    }

    /// The key by which others verify.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The name: the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        self.signer.name()
    }

    pub(crate) const fn signer(&self) -> &StandardSigner {
        &self.signer
    }
}

impl FromStr for LogKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let signer = StandardSigner::new(text).map_err(|_| KeyError::Signing)?;
        // The encoded key may hold plus signs itself, so only the first four separate.
        let encoded = text.splitn(5, '+').nth(4).ok_or(KeyError::Signing)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| KeyError::Signing)?;
        let secret: &[u8; 32] = bytes.get(1..).and_then(|secret| secret.try_into().ok()).ok_or(KeyError::Signing)?;
        let public = ed25519_dalek::SigningKey::from_bytes(secret).verifying_key();
        let verifier = signed_note::new_ed25519_verifier_key(signer.name(), &public).parse()?;
        Ok(Self { text: text.to_owned(), signer, verifier })
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.verifier)
    }
}

/// A verifier key.
#[derive(Clone)]
pub struct VerifierKey {
    text: String,
    verifier: StandardVerifier,
}

impl VerifierKey {
    /// The name: the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The number that signatures carry, as eight hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:08x}", self.verifier.key_id())
    }

    pub(crate) const fn verifier(&self) -> &StandardVerifier {
        &self.verifier
    }

    /// Does a signature say that it is of this key?
    pub(crate) fn is_named_by(&self, signature: &Signature) -> bool {
        (signature.name(), signature.id()) == (self.verifier.name(), self.verifier.key_id())
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let verifier = StandardVerifier::new(text).map_err(|_| KeyError::Verifier)?;
        let encoded = text.splitn(3, '+').nth(2).ok_or(KeyError::Verifier)?;
        // One key has one spelling, of its id and of its point.
        let has_one_spelling = text == format!("{}+{:08x}+{encoded}", verifier.name(), verifier.key_id());
        if has_one_spelling && is_canonical_point(encoded)? {
            Ok(Self { text: text.to_owned(), verifier })
        } else {
            Err(KeyError::Verifier)
        }
    }
}

/// RFC 8032, section 5.1.3, decodes neither a coordinate beyond the prime nor a negative zero; the library does.
fn is_canonical_point(encoded: &str) -> Result<bool, KeyError> {
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| KeyError::Verifier)?;
    let public: &[u8; 32] = bytes.get(1..).and_then(|public| public.try_into().ok()).ok_or(KeyError::Verifier)?;
    let point = ed25519_dalek::VerifyingKey::from_bytes(public).map_err(|_| KeyError::Verifier)?.to_edwards();
    Ok(point.compress().as_bytes() == public)
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({})", self.text)
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VerifierKey {}
