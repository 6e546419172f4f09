//! The hostile texts of `tests/corpus/hostile.json`, which the browser tests read too.

use serde::Deserialize;
use serde_json::Value;

/// Texts that there are at least.
const TEXTS_MIN: usize = 200;

/// One text, and what it is meant to break.
#[derive(Clone, Debug, Deserialize)]
pub struct Hostile {
    pub group: String,
    pub attacks: String,
    pub text: String,
}

/// All of them; each is different.
pub fn hostile() -> Vec<Hostile> {
    serde_json::from_str(include_str!("../corpus/hostile.json")).unwrap()
}

/// Two texts are the same but for white space around them, which titles and names do not keep.
pub fn is_kept(stored: &Value, text: &str) -> bool {
    stored.as_str().is_some_and(|stored| stored == text || stored == text.trim())
}

#[test]
fn there_are_enough_and_each_says_what_it_attacks() {
    let texts = hostile();
    assert!(texts.len() >= TEXTS_MIN, "{}", texts.len());
    let different: std::collections::BTreeSet<&str> = texts.iter().map(|hostile| hostile.text.as_str()).collect();
    assert_eq!(different.len(), texts.len());
    assert!(texts.iter().all(|hostile| !hostile.group.is_empty() && !hostile.attacks.is_empty()));
}
