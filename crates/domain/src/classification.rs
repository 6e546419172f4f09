//! What an alert that does not say so is about, and how bad that is by itself: rules over its type and its words. The rules are
//! data; what an alert says of itself wins over them in `alert`.

use serde::{Deserialize, Serialize};

use crate::alert::NormalisedAlert;
use crate::id::IncidentType;
use crate::score::{INPUT_MAX, InputOrigin};

/// The confidence where no rule says otherwise.
pub const CONFIDENCE_DEFAULT: u8 = 3;
/// The most rules of one file.
pub const RULES_MAX: usize = 256;
/// The most words of one rule.
pub const WORDS_MAX: usize = 64;
/// How much of a raw log is searched for words, in bytes.
pub const SEARCHED_BYTES_MAX: usize = 16_384;

/// The one version of the file's shape.
const VERSION: u32 = 1;
/// The name of the last resort in answers.
const DEFAULT_RULE: &str = "default";

/// The rules, the most telling first, and the last resort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationRules {
    pub version: u32,
    pub rules: Vec<ClassificationRule>,
    pub default: ClassificationDefault,
}

/// One rule: words that speak for a type, and how bad that type is. It is for alerts of its type and for those without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationRule {
    /// How answers and explanations call it.
    pub name: String,
    pub incident_type: IncidentType,
    /// Lower-case words or phrases, any of which makes the rule hold.
    #[serde(default)]
    pub words: Vec<String>,
    pub impact: u8,
    pub likelihood: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
}

/// What holds where no rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassificationDefault {
    /// The type of an alert that gives none.
    pub incident_type: IncidentType,
    pub impact: u8,
    pub likelihood: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
}

/// What the rules say of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classified {
    /// The alert's own type, if it gives one.
    pub incident_type: IncidentType,
    pub impact: u8,
    pub likelihood: u8,
    pub confidence: u8,
    /// Where impact and likelihood come from: a rule or the last resort.
    pub origin: InputOrigin,
    /// Where the confidence comes from.
    pub confidence_origin: InputOrigin,
    /// The rule that held, or `default`.
    pub rule: String,
}

impl ClassificationRules {
    /// What this alert is about: of the rules for its type (all, if it gives none) the first whose words appear; else, with a type,
    /// the last of that type, which is its most general; else the last resort.
    #[must_use]
    pub fn classify(&self, alert: &NormalisedAlert) -> Classified {
        let content = content(alert);
        let given = alert.incident_type.as_ref();
        let mut candidates = self.rules.iter().filter(|rule| given.is_none_or(|given| *given == rule.incident_type));
        let by_type = given.and_then(|_| candidates.clone().next_back());
        match candidates.find(|rule| rule.holds_for(&content)).or(by_type) {
            Some(rule) => rule.classified(),
            None => self.default.classified(given),
        }
    }

    /// Are the rules usable? Says everything that is wrong, one sentence each.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        if self.version != VERSION {
            faults.push(format!("version must be {VERSION}"));
        }
        if self.rules.len() > RULES_MAX {
            faults.push(format!("there may be at most {RULES_MAX} rules"));
        }
        for (index, rule) in self.rules.iter().enumerate() {
            if self.rules[..index].iter().any(|earlier| earlier.name == rule.name) {
                faults.push(format!("rule {:?} stands twice", rule.name));
            }
            faults.extend(rule.faults().into_iter().map(|fault| format!("rule {:?}: {fault}", rule.name)));
        }
        let ClassificationDefault { impact, likelihood, confidence, .. } = self.default;
        faults.extend(input_faults(impact, likelihood, confidence).into_iter().map(|fault| format!("default: {fault}")));
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl ClassificationRule {
    fn holds_for(&self, content: &str) -> bool {
        self.words.iter().any(|word| contains_word(content, word))
    }

    fn classified(&self) -> Classified {
        Classified {
            incident_type: self.incident_type.clone(),
            impact: self.impact,
            likelihood: self.likelihood,
            confidence: self.confidence.unwrap_or(CONFIDENCE_DEFAULT),
            origin: InputOrigin::Classified,
            confidence_origin: if self.confidence.is_some() { InputOrigin::Classified } else { InputOrigin::Default },
            rule: self.name.clone(),
        }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = input_faults(self.impact, self.likelihood, self.confidence);
        if self.name.is_empty() || self.name == DEFAULT_RULE {
            faults.push(format!("name must be neither empty nor {DEFAULT_RULE:?}"));
        }
        if self.words.len() > WORDS_MAX {
            faults.push(format!("there may be at most {WORDS_MAX} words"));
        }
        if self.words.iter().any(|word| word.trim().is_empty() || *word != word.to_lowercase()) {
            faults.push("words must be lower-case and not empty".to_owned());
        }
        faults
    }
}

impl ClassificationDefault {
    fn classified(&self, given: Option<&IncidentType>) -> Classified {
        Classified {
            incident_type: given.unwrap_or(&self.incident_type).clone(),
            impact: self.impact,
            likelihood: self.likelihood,
            confidence: self.confidence.unwrap_or(CONFIDENCE_DEFAULT),
            origin: InputOrigin::Default,
            confidence_origin: InputOrigin::Default,
            rule: DEFAULT_RULE.to_owned(),
        }
    }
}

fn input_faults(impact: u8, likelihood: u8, confidence: Option<u8>) -> Vec<String> {
    [("impact", Some(impact)), ("likelihood", Some(likelihood)), ("confidence", confidence)]
        .into_iter()
        .filter(|(_, input)| input.is_some_and(|input| !(1..=INPUT_MAX).contains(&input)))
        .map(|(name, _)| format!("{name} must be 1 to {INPUT_MAX}"))
        .collect()
}

fn content(alert: &NormalisedAlert) -> String {
    let raw_log = alert.raw_log.as_deref().unwrap_or_default();
    let searched = &raw_log[..raw_log.floor_char_boundary(SEARCHED_BYTES_MAX)];
    [alert.title.as_deref().unwrap_or_default(), searched, &alert.tags.join("\n")].join("\n").to_lowercase()
}

/// Does the word stand in the text on its own, not as a part of a longer one?
fn contains_word(text: &str, word: &str) -> bool {
    let alphanumeric = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(start, found)| {
        !alphanumeric(text[..start].chars().next_back()) && !alphanumeric(text[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
pub(crate) mod tests;
