//! What incidents are found by: terms made of their texts, tags, sources and observables. They are made here and compared byte by
//! byte, so that every database finds the same. Storing and looking them up is the crate `store`'s business.

use std::collections::BTreeSet;

use crate::digest::Digest;
use crate::id::{IncidentId, Source};
use crate::observable::ObservableKind;

/// The longest term, in bytes of UTF-8.
pub const TERM_BYTES_MAX: usize = 128;
/// The most terms that the texts of one incident give; what comes later in them is not found.
pub const TEXT_TERMS_MAX: usize = 2_000;
/// The most words of a search that count.
pub const SEARCH_WORDS_MAX: usize = 8;
/// The most places within one word at which a search may begin.
const WORD_STARTS_MAX: usize = 8;

/// The terms of a text: every word of it, and the rest of a word from each place where letters or digits begin, so that
/// `http://mail.evil.example` is found by `evil` and by `evil.example`.
#[must_use]
pub fn terms_of_text(text: &str) -> BTreeSet<String> {
    text.split_whitespace().flat_map(starts_of).take(TEXT_TERMS_MAX).collect()
}

/// The terms of an incident's id: as it is written, and its bare number.
#[must_use]
pub fn terms_of_id(id: IncidentId) -> BTreeSet<String> {
    BTreeSet::from([id.to_string().to_lowercase(), format!("{:010}", id.number()), id.number().to_string()])
}

/// The terms that begin with one of these are in a text; each must.
#[must_use]
pub fn words_of_search(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split_whitespace().filter_map(bare).map(|word| folded_text(&word)).collect();
    words.dedup();
    words.truncate(SEARCH_WORDS_MAX);
    words
}

/// The term of a tag.
#[must_use]
pub fn term_of_tag(tag: &str) -> String {
    label("tag", tag)
}

/// The term of a source.
#[must_use]
pub fn term_of_source(source: &Source) -> String {
    label("source", source.as_str())
}

/// The term of an observable.
#[must_use]
pub fn term_of_observable(kind: ObservableKind, value: &str) -> String {
    label(kind.as_str(), value)
}

/// A label begins with a character that no word of a text begins with. One that is too long is known by its digest.
fn label(kind: &str, value: &str) -> String {
    let folded = value.trim().to_lowercase();
    let value = if folded.len() > TERM_BYTES_MAX { Digest::of(folded.as_bytes()).to_string() } else { folded };
    format!("#{kind}:{value}")
}

fn starts_of(word: &str) -> Vec<String> {
    let Some(word) = bare(word) else { return Vec::new() };
    let is_number = word.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ':');
    let most = if is_number { 1 } else { WORD_STARTS_MAX };
    let mut before = ' ';
    let mut starts = Vec::new();
    for (at, c) in word.char_indices() {
        if c.is_alphanumeric() && !before.is_alphanumeric() && starts.len() < most {
            starts.push(folded_text(&word[at..]));
        }
        before = c;
    }
    starts
}

/// The word without what is neither letter nor digit around it.
fn bare(word: &str) -> Option<String> {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    (!bare.is_empty()).then(|| bare.to_owned())
}

fn folded_text(word: &str) -> String {
    let folded = word.to_lowercase();
    folded[..folded.floor_char_boundary(TERM_BYTES_MAX)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{TERM_BYTES_MAX, term_of_observable, term_of_tag, terms_of_id, terms_of_text, words_of_search};
    use crate::id::IncidentId;
    use crate::observable::ObservableKind;

    #[test]
    fn a_text_is_found_where_its_words_begin() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(terms_of_text(text).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        };
        check("Brute force, on ADMIN!", &["admin", "brute", "force", "on"]);
        check("from 91.23.11.9", &["91.23.11.9", "from"]);
        check(
            "http://mail.evil.example/a",
            &["a", "evil.example/a", "example/a", "http://mail.evil.example/a", "mail.evil.example/a"],
        );
        check("Müller's straße", &["müller's", "s", "straße"]);
        check("--- '; *", &[]);
        check("", &[]);
    }

    #[test]
    fn a_search_is_its_words_and_nothing_else() {
        let check = |text: &str, expected: &[&str]| assert_eq!(words_of_search(text), expected, "{text}");
        check("  Phish evil.example ", &["phish", "evil.example"]);
        check("'; DROP TABLE incidents; --", &["drop", "table", "incidents"]);
        check("\"a OR b\" AND NOT (c* NEAR d)", &["a", "or", "b", "and", "not", "c", "near", "d"]);
        check("% _ * #tag:vip", &["tag:vip"]);
        check("a b c d e f g h i j", &["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(words_of_search(&"ä".repeat(500))[0].len(), TERM_BYTES_MAX);
    }

    #[test]
    fn labels_differ_from_words_and_fit_an_index() {
        assert_eq!(term_of_tag(" VIP "), "#tag:vip");
        assert_eq!(term_of_observable(ObservableKind::Ip, "91.23.11.9"), "#ip:91.23.11.9");
        let long = format!("http://x.example/{}", "a".repeat(8_000));
        assert_eq!(term_of_observable(ObservableKind::Url, &long).len(), "#url:".len() + 64);
        let id: Vec<String> = terms_of_id(IncidentId::new(412)).into_iter().collect();
        assert_eq!(id, ["0000000412", "412", "inc-0000000412"]);
    }
}
