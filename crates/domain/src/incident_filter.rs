//! Which incidents a list shows, and in which order: the parameters of the REST API and of the browser's address are read and
//! written by this one piece of code. The line that people type is in `typed`; selecting rows is the crate `store`'s business.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::alert::{FieldError, TAG_BYTES_MAX, URL_BYTES_MAX, USER_BYTES_MAX};
use crate::id::{IncidentType, InvalidId, Source};
use crate::incident::State;
use crate::observable::ObservableKind;
use crate::severity::Severity;
use crate::text::TextLimits;
use crate::timestamp::Timestamp;
use crate::verdict::Verdict;
use crate::word_enum;

mod typed;

pub use typed::{TypedFault, TypedQuery, parse_typed};

/// The most values that one parameter may have.
pub const FILTER_VALUES_MAX: usize = 20;
/// The longest text that is searched for, in bytes of UTF-8.
pub const SEARCH_BYTES_MAX: usize = 256;
/// The highest score that can be asked for.
const SCORE_MAX: u8 = 100;

const SEARCH_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: SEARCH_BYTES_MAX };
const TAG_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TAG_BYTES_MAX };
const NAME_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: USER_BYTES_MAX };
const OBSERVABLE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: URL_BYTES_MAX };

word_enum! {
    /// What a list of incidents is sorted by; ties go by id.
    IncidentSort {
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        RiskScore = "risk_score",
    }
}

word_enum! {
    /// Which end of a list comes first.
    SortOrder {
        Ascending = "asc",
        Descending = "desc",
    }
}

/// Whose incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// The caller's.
    Me,
    Nobody,
    /// Those of the person with this user name.
    Named(String),
}

/// A value that was seen in an alert; without a kind, of any kind. Case does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservableFilter {
    pub kind: Option<ObservableKind>,
    pub value: String,
}

/// Which incidents: those for which everything here holds. Of several values of a list one must hold; of `tag` and `observable`
/// all must.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct IncidentFilter {
    pub state: Vec<State>,
    pub severity: Vec<Severity>,
    /// This severity and every more severe one.
    pub severity_at_least: Option<Severity>,
    pub incident_type: Vec<IncidentType>,
    pub verdict: Vec<Verdict>,
    pub assignee: Option<AssigneeFilter>,
    pub tag: Vec<String>,
    pub source: Vec<Source>,
    pub observable: Vec<ObservableFilter>,
    /// 0 to 100.
    pub risk_score_at_least: Option<u8>,
    /// Words that begin somewhere in the title, the id, the analyst's notes or an observable.
    pub q: Option<String>,
    /// Created at this time or later.
    pub from: Option<Timestamp>,
    /// Created before this time.
    pub to: Option<Timestamp>,
}

/// The names of the parameters, in the order in which they are written.
pub const FILTER_PARAMETERS: [&str; 13] = [
    "state",
    "severity",
    "severity_at_least",
    "incident_type",
    "verdict",
    "assignee",
    "tag",
    "source",
    "observable",
    "risk_score_at_least",
    "q",
    "from",
    "to",
];

impl IncidentFilter {
    /// The filter that these parameters make, or everything that is wrong with them. `state`, `severity`, `incident_type`,
    /// `verdict` and `source` may be repeated and hold several values with commas between them; `tag` and `observable` may be
    /// repeated.
    pub fn parse(parameters: &[(String, String)]) -> Result<Self, Vec<FieldError>> {
        let mut filter = Self::default();
        let mut errors = Vec::new();
        for (name, value) in parameters {
            if let Err(detail) = filter.take(name, value) {
                errors.push(FieldError::new(format!("/{name}"), detail));
            }
        }
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }

    /// The parameters that make this filter, by name.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        let mut put = |name, values: &mut dyn Iterator<Item = String>| parameters.extend(values.map(|value| (name, value)));
        put("state", &mut texts(&self.state));
        put("severity", &mut texts(&self.severity));
        put("severity_at_least", &mut texts(&self.severity_at_least));
        put("incident_type", &mut texts(&self.incident_type));
        put("verdict", &mut texts(&self.verdict));
        put("assignee", &mut texts(&self.assignee));
        put("tag", &mut texts(&self.tag));
        put("source", &mut texts(&self.source));
        put("observable", &mut texts(&self.observable));
        put("risk_score_at_least", &mut texts(&self.risk_score_at_least));
        put("q", &mut texts(&self.q));
        put("from", &mut texts(&self.from));
        put("to", &mut texts(&self.to));
        parameters
    }

    /// Does it let every incident pass?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes one parameter in; says what is wrong with it.
    pub fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "state" => add_all(&mut self.state, value),
            "severity" => add_all(&mut self.severity, value),
            "severity_at_least" => set(&mut self.severity_at_least, parsed(value)),
            "incident_type" => add_all(&mut self.incident_type, value),
            "verdict" => add_all(&mut self.verdict, value),
            "assignee" => set(&mut self.assignee, parsed(value)),
            "tag" => checked(value, TAG_LIMITS).and_then(|tag| add(&mut self.tag, tag)),
            "source" => add_all(&mut self.source, value),
            "observable" => parsed(value).and_then(|observable| add(&mut self.observable, observable)),
            "risk_score_at_least" => set(&mut self.risk_score_at_least, score(value)),
            "q" => {
                set(&mut self.q, checked(value, SEARCH_LIMITS).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")))
            }
            "from" => set(&mut self.from, parsed(value)),
            "to" => set(&mut self.to, parsed(value)),
            _ => Err(format!("is not known here; known are {}", FILTER_PARAMETERS.join(", "))),
        }
    }
}

fn texts<'a, T: fmt::Display + 'a>(values: impl IntoIterator<Item = &'a T> + 'a) -> impl Iterator<Item = String> + 'a {
    values.into_iter().map(ToString::to_string)
}

fn parsed<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<T, String> {
    value.trim().parse().map_err(|error: T::Err| error.to_string())
}

fn checked(value: &str, limits: TextLimits) -> Result<String, String> {
    limits.check(value).map(|()| value.trim().to_owned()).map_err(|error| error.to_string())
}

fn score(value: &str) -> Result<u8, String> {
    let score = value.trim().parse().ok().filter(|score| *score <= SCORE_MAX);
    score.ok_or_else(|| format!("must be an integer from 0 to {SCORE_MAX}"))
}

fn set<T>(place: &mut Option<T>, value: Result<T, String>) -> Result<(), String> {
    if place.is_some() {
        return Err("is given twice".to_owned());
    }
    *place = Some(value?);
    Ok(())
}

fn add<T: PartialEq>(place: &mut Vec<T>, value: T) -> Result<(), String> {
    if place.contains(&value) {
        return Ok(());
    }
    if place.len() == FILTER_VALUES_MAX {
        return Err(format!("must have at most {FILTER_VALUES_MAX} values"));
    }
    place.push(value);
    Ok(())
}

fn add_all<T: FromStr<Err: fmt::Display> + PartialEq>(place: &mut Vec<T>, values: &str) -> Result<(), String> {
    values.split(',').try_for_each(|value| add(place, parsed(value)?))
}

impl fmt::Display for AssigneeFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Me => "me",
            Self::Nobody => "none",
            Self::Named(username) => username,
        })
    }
}

impl FromStr for AssigneeFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match checked(text, NAME_LIMITS)?.as_str() {
            "me" => Self::Me,
            "none" => Self::Nobody,
            username => Self::Named(username.to_owned()),
        })
    }
}

impl fmt::Display for ObservableFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{kind}:{}", self.value),
            None => f.write_str(&self.value),
        }
    }
}

impl FromStr for ObservableFilter {
    type Err = String;

    /// `ip:91.23.11.9`, or a value of any kind.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_kind = |(kind, value): (&str, &str)| {
            let kind: Result<ObservableKind, InvalidId> = kind.parse();
            kind.ok().map(|kind| (kind, value.to_owned()))
        };
        let (kind, value) = match text.split_once(':').and_then(of_kind) {
            Some((kind, value)) => (Some(kind), value),
            None => (None, text.to_owned()),
        };
        Ok(Self { kind, value: checked(&value, OBSERVABLE_LIMITS)? })
    }
}

impl TryFrom<Vec<(String, String)>> for IncidentFilter {
    type Error = String;

    fn try_from(parameters: Vec<(String, String)>) -> Result<Self, Self::Error> {
        let sentence = |error: FieldError| format!("{} {}", error.pointer, error.detail);
        Self::parse(&parameters).map_err(|errors| errors.into_iter().map(sentence).collect::<Vec<_>>().join("; "))
    }
}

impl From<IncidentFilter> for Vec<(String, String)> {
    fn from(filter: IncidentFilter) -> Self {
        filter.parameters().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests;
