//! A list of incidents that a person keeps under a name: what they typed, and its order. Each person has their own; keeping
//! them is the crate `store`'s business.

use serde::{Deserialize, Serialize};

use crate::alert::FieldError;
use crate::id::ViewId;
use crate::incident_filter::{IncidentSort, SortOrder, parse_typed};
use crate::text::TextLimits;
use crate::timestamp::Timestamp;

/// The most views that one person keeps.
pub const VIEWS_MAX: usize = 50;
/// The longest name, in bytes of UTF-8.
pub const VIEW_NAME_BYTES_MAX: usize = 64;
/// The longest line, in bytes of UTF-8.
pub const VIEW_QUERY_BYTES_MAX: usize = 2_048;

const NAME_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: VIEW_NAME_BYTES_MAX };
const QUERY_LIMITS: TextLimits = TextLimits { chars_min: 0, bytes_max: VIEW_QUERY_BYTES_MAX };

/// What is kept, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewContent {
    pub name: String,
    /// A line as people type it: `sev:S1 assignee:me`. Empty: every incident.
    pub query: String,
    pub sort: IncidentSort,
    pub order: SortOrder,
}

/// A view that somebody keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    pub id: ViewId,
    #[serde(flatten)]
    pub content: ViewContent,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ViewContent {
    /// The content with its name trimmed and its line in its one spelling, or everything that is wrong with it.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        errors.extend(NAME_LIMITS.check(&self.name).err().map(|error| FieldError::new("/name", error.to_string())));
        let limits = QUERY_LIMITS.check(&self.query);
        let typed = if limits.is_ok() { parse_typed(&self.query) } else { Default::default() };
        errors.extend(limits.err().map(|error| FieldError::new("/query", error.to_string())));
        errors.extend(typed.faults.iter().map(|fault| FieldError::new("/query", format!("{}: {}", fault.word, fault.detail))));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self { name: self.name.trim().to_owned(), query: typed.filter.to_typed(), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::{VIEW_NAME_BYTES_MAX, VIEW_QUERY_BYTES_MAX, ViewContent};
    use crate::incident_filter::{IncidentSort, SortOrder};

    fn content(name: &str, query: &str) -> ViewContent {
        let (name, query) = (name.to_owned(), query.to_owned());
        ViewContent { name, query, sort: IncidentSort::CreatedAt, order: SortOrder::Descending }
    }

    #[test]
    fn a_view_is_kept_in_one_spelling() {
        let check = |query: &str, expected: &str| assert_eq!(content(" Mine ", query).checked(), Ok(content("Mine", expected)));
        check("", "");
        check("  severity:high   assignee:me ", "sev:S2 assignee:me");
        check("pay roll", "pay roll");
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let check = |name: &str, query: &str, expected: &[&str]| {
            let errors = content(name, query).checked().unwrap_err();
            assert_eq!(errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), expected, "{name:?} {query:?}");
        };
        check("  ", "sev:S1", &["/name"]);
        check(&"x".repeat(VIEW_NAME_BYTES_MAX + 1), &"x".repeat(VIEW_QUERY_BYTES_MAX + 1), &["/name", "/query"]);
        check("Mine", "sev:S9 state:nowhere", &["/query", "/query"]);
        check("a\0b", "a\0b", &["/name", "/query"]);
    }
}
