//! The line that people type above the list, `sev:S1 assignee:me ip:91.23.11.9 score>=60 beacon`, as a filter, and a filter as such
//! a line. A word that is no filter is searched for.

use super::IncidentFilter;
use crate::incident_filter::ObservableFilter;
use crate::observable::ObservableKind;

/// What was typed, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedQuery {
    pub filter: IncidentFilter,
    /// The words that look like a filter and are none; they are left out of it.
    pub faults: Vec<TypedFault>,
}

/// A word that looks like a filter and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedFault {
    /// As it was typed.
    pub word: String,
    pub detail: String,
}

/// How a word names each parameter; the first name is the one that is written.
const NAMES: [(&str, &[&str]); 9] = [
    ("state", &["state"]),
    ("severity", &["sev", "severity"]),
    ("incident_type", &["type", "incident_type"]),
    ("verdict", &["verdict"]),
    ("assignee", &["assignee"]),
    ("tag", &["tag"]),
    ("source", &["source"]),
    ("from", &["from", "after"]),
    ("to", &["to", "before"]),
];

/// The parameters that are asked for with `>=`, and their names.
const AT_LEAST: [(&str, &[&str]); 2] =
    [("risk_score_at_least", &["score", "risk_score"]), ("severity_at_least", &["sev", "severity"])];

/// The name under which a value of any kind is looked for.
const ANY_KIND: &str = "observable";
/// The short name of a file's hash.
const HASH: &str = "hash";

/// What a typed line asks for.
#[must_use]
pub fn parse_typed(line: &str) -> TypedQuery {
    let mut query = TypedQuery::default();
    let mut text = Vec::new();
    for word in words(line) {
        match parameter(&word) {
            Some((name, value)) => {
                if let Err(detail) = query.filter.take(name, &value) {
                    query.faults.push(TypedFault { word: word.typed, detail });
                }
            }
            None => text.push(word.bare),
        }
    }
    let text = text.join(" ");
    if !text.trim().is_empty()
        && let Err(detail) = query.filter.take("q", &text)
    {
        query.faults.push(TypedFault { word: text, detail });
    }
    query
}

impl IncidentFilter {
    /// The line that makes this filter when it is typed.
    #[must_use]
    pub fn to_typed(&self) -> String {
        let words: Vec<String> = self.parameters().into_iter().map(|(name, value)| typed(name, &value)).collect();
        words.join(" ")
    }
}

/// A word of the line: as it was typed, and without its quotes.
struct Word {
    typed: String,
    bare: String,
    /// How many bytes of `bare` stand before the first quote.
    unquoted: usize,
}

/// Words end at white space outside quotes; a quote inside quotes is doubled.
fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { typed: String::new(), bare: String::new(), unquoted: 0 };
    let (mut inside, mut quoted) = (false, false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() && !inside {
            end_word(&mut words, &mut word);
            quoted = false;
            continue;
        }
        word.typed.push(c);
        if c != '"' {
            word.bare.push(c);
        } else if inside && rest.next_if_eq(&'"').is_some() {
            word.typed.push('"');
            word.bare.push('"');
        } else {
            inside = !inside;
            quoted = true;
        }
        if !quoted {
            word.unquoted = word.bare.len();
        }
    }
    end_word(&mut words, &mut word);
    words
}

fn end_word(words: &mut Vec<Word>, word: &mut Word) {
    let ended = std::mem::replace(word, Word { typed: String::new(), bare: String::new(), unquoted: 0 });
    if !ended.bare.is_empty() {
        words.push(ended);
    }
}

/// The parameter that a word gives; a name in quotes is no name.
fn parameter(word: &Word) -> Option<(&'static str, String)> {
    if let Some((name, value)) = split(word, ">=") {
        let (parameter, _) = AT_LEAST.into_iter().find(|(_, names)| names.contains(&name.as_str()))?;
        return Some((parameter, value));
    }
    let (name, value) = split(word, ":")?;
    if let Some((parameter, _)) = NAMES.into_iter().find(|(_, names)| names.contains(&name.as_str())) {
        let is_date = matches!(parameter, "from" | "to") && value.len() == "2026-03-11".len();
        return Some((parameter, if is_date { format!("{value}T00:00:00Z") } else { value }));
    }
    let kind = if name == HASH { ObservableKind::FileHash.as_str() } else { name.as_str() };
    if name == ANY_KIND {
        Some(("observable", value))
    } else if kind.parse::<ObservableKind>().is_ok() {
        Some(("observable", format!("{kind}:{value}")))
    } else {
        None
    }
}

fn split(word: &Word, separator: &str) -> Option<(String, String)> {
    let at = word.bare[..word.unquoted].find(separator)?;
    Some((word.bare[..at].to_lowercase(), word.bare[at + separator.len()..].to_owned()))
}

fn typed(name: &str, value: &str) -> String {
    match name {
        "q" => value.split_whitespace().map(searched).collect::<Vec<_>>().join(" "),
        "observable" => match value.parse::<ObservableFilter>() {
            Ok(ObservableFilter { kind: Some(ObservableKind::FileHash), value }) => format!("{HASH}:{}", quoted(&value)),
            Ok(ObservableFilter { kind: Some(kind), value }) => format!("{kind}:{}", quoted(&value)),
            _ => format!("{ANY_KIND}:{}", quoted(value)),
        },
        _ => match AT_LEAST.into_iter().find(|(parameter, _)| *parameter == name) {
            Some((_, names)) => format!("{}>={}", names[0], quoted(value)),
            None => {
                let names = NAMES.into_iter().find(|(parameter, _)| *parameter == name).map_or(&[][..], |(_, names)| names);
                format!("{}:{}", names.first().unwrap_or(&name), quoted(value))
            }
        },
    }
}

/// A word of the text, in quotes if it could be taken for a filter.
fn searched(word: &str) -> String {
    if word.contains([':', '"']) || word.contains(">=") { in_quotes(word) } else { word.to_owned() }
}

fn quoted(value: &str) -> String {
    if value.contains('"') || value.contains(char::is_whitespace) { in_quotes(value) } else { value.to_owned() }
}

fn in_quotes(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}
