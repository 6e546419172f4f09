//! Which version of a resource a change is meant for. A resource that counts no versions of its own has the one that its content makes.

use domain::digest::Digest;
use serde::{Deserialize, Serialize};

/// The versions that a change is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpectedVersion {
    Any,
    OneOf(Vec<i64>),
}

impl ExpectedVersion {
    /// Is a change of this version meant?
    #[must_use]
    pub fn includes(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// The version of something that says this: another content is another version.
#[must_use]
pub fn version_of(said: &impl Serialize) -> i64 {
    let digest = Digest::of(&serde_json::to_vec(said).unwrap_or_default());
    let start = digest.as_bytes().first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(start) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::{ExpectedVersion, version_of};

    #[test]
    fn another_content_is_another_version() {
        assert_eq!(version_of(&["a"]), version_of(&["a"]));
        assert_ne!(version_of(&["a"]), version_of(&["b"]));
        assert!(version_of(&["a"]) >= 0 && version_of(&["b"]) >= 0);
        assert!(ExpectedVersion::Any.includes(7) && ExpectedVersion::OneOf(vec![6, 7]).includes(7));
        assert!(!ExpectedVersion::OneOf(Vec::new()).includes(7));
    }
}
