//! What an analyst may change of an incident besides its state, and what a change of the verdict does to its score.

use super::Incident;
use crate::alert::{FieldError, TAG_BYTES_MAX, TAGS_MAX, TITLE_BYTES_MAX};
use crate::score::{Circumstances, Inputs, ScoringRules};
use crate::text::{InvalidText, ReasonLimits, TextLimits};
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::verdict::{Verdict, VerdictReason};
use crate::word_enum;

/// The longest text of the analyst's notes, in bytes of UTF-8.
pub const ANALYST_NOTES_BYTES_MAX: usize = 65_536;
/// The shortest reason for a verdict, in letters and digits that can be seen.
pub const VERDICT_REASON_LETTERS_MIN: usize = 1;
/// The longest reason for a verdict, in bytes of UTF-8.
pub const VERDICT_REASON_BYTES_MAX: usize = 4_096;

/// How short and how long a title may be.
pub const TITLE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TITLE_BYTES_MAX };
const TAG_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TAG_BYTES_MAX };
const NOTES_LIMITS: TextLimits = TextLimits { chars_min: 0, bytes_max: ANALYST_NOTES_BYTES_MAX };
const REASON_LIMITS: ReasonLimits = ReasonLimits { letters_min: VERDICT_REASON_LETTERS_MIN, bytes_max: VERDICT_REASON_BYTES_MAX };

word_enum! {
    /// A part of an incident that people change.
    IncidentField {
        Title = "title",
        AnalystNotes = "analyst_notes",
        Assignee = "assignee",
        Tags = "tags",
        Verdict = "verdict",
    }
}

/// A verdict of a person, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenVerdict {
    pub verdict: Verdict,
    pub reason: String,
}

/// Changes to an incident; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentEdit {
    pub title: Option<String>,
    pub analyst_notes: Option<String>,
    /// `Some(None)` takes the assignee away.
    pub assignee: Option<Option<UserRef>>,
    pub tags: Option<Vec<String>>,
    pub verdict: Option<GivenVerdict>,
}

impl IncidentEdit {
    /// The edit without white space around its texts and without doubled tags, or everything that is wrong with it.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut check = |pointer: &str, checked: Result<(), InvalidText>| {
            errors.extend(checked.err().map(|error| FieldError::new(pointer, error.to_string())));
        };
        if let Some(title) = &self.title {
            check("/title", TITLE_LIMITS.check(title));
        }
        if let Some(notes) = &self.analyst_notes {
            check("/analyst_notes", NOTES_LIMITS.check(notes));
        }
        for (index, tag) in self.tags.iter().flatten().enumerate() {
            check(&format!("/tags/{index}"), TAG_LIMITS.check(tag));
        }
        if let Some(given) = &self.verdict {
            check("/verdict_reason", REASON_LIMITS.check(&given.reason));
        }
        let tags = self.tags.map(distinct);
        if tags.as_ref().is_some_and(|tags| tags.len() > TAGS_MAX) {
            errors.push(FieldError::new("/tags", format!("must have at most {TAGS_MAX} items")));
        }
        let title = self.title.map(|title| title.trim().to_owned());
        if errors.is_empty() { Ok(Self { title, tags, ..self }) } else { Err(errors) }
    }
}

fn distinct(tags: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim().to_owned();
        if !distinct.contains(&tag) {
            distinct.push(tag);
        }
    }
    distinct
}

impl Incident {
    /// The incident with a checked edit; the score stays until it is scored anew.
    #[must_use]
    pub fn edited(self, edit: IncidentEdit, at: Timestamp) -> Self {
        let (verdict, verdict_reasons) = match edit.verdict {
            Some(given) => (given.verdict, vec![VerdictReason { detail: given.reason.trim().to_owned(), points: 0 }]),
            None => (self.verdict, self.verdict_reasons.clone()),
        };
        let edited = Self {
            title: edit.title.unwrap_or_else(|| self.title.clone()),
            analyst_notes: edit.analyst_notes.unwrap_or_else(|| self.analyst_notes.clone()),
            assignee: edit.assignee.unwrap_or_else(|| self.assignee.clone()),
            tags: edit.tags.unwrap_or_else(|| self.tags.clone()),
            verdict,
            verdict_reasons,
            ..self
        };
        edited.acknowledged(at)
    }

    /// The incident scored anew by these rules.
    #[must_use]
    pub fn rescored(self, inputs: &Inputs, rules: &ScoringRules) -> Self {
        let circumstances = Circumstances {
            privileged_account: self.privileged_account,
            critical_asset: self.critical_asset,
            verdict: self.verdict,
            alert_count: self.alert_count,
        };
        let score = rules.score(inputs, &circumstances);
        Self { risk_score: score.value, severity: score.severity, score: score.rows, ..self }
    }

    /// What differs between this incident and the same after an edit.
    #[must_use]
    pub fn fields_changed_to(&self, after: &Self) -> Vec<IncidentField> {
        let verdict = (self.verdict, &self.verdict_reasons) != (after.verdict, &after.verdict_reasons);
        [
            (IncidentField::Title, self.title != after.title),
            (IncidentField::AnalystNotes, self.analyst_notes != after.analyst_notes),
            (IncidentField::Assignee, self.assignee != after.assignee),
            (IncidentField::Tags, self.tags != after.tags),
            (IncidentField::Verdict, verdict),
        ]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect()
    }
}

impl IncidentField {
    /// Does whoever changes this contribute to what is decided on the incident? Playbooks read it.
    #[must_use]
    pub fn is_contribution(self) -> bool {
        matches!(self, Self::Title | Self::Tags | Self::Verdict)
    }
}
