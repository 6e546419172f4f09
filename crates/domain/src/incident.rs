//! The unit of response: one or more correlated alerts, a state, a score. The table of states is the one piece of code that
//! the server enforces and the browser offers buttons from.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, IncidentType};
use crate::observable::Observable;
use crate::score::ScoreRow;
use crate::severity::Severity;
use crate::text::ReasonLimits;
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::verdict::{Verdict, VerdictReason};
use crate::word_enum;

pub mod editing;
pub mod merging;
pub mod past;

word_enum! {
    /// Where an incident stands.
    State {
        New = "new",
        Classified = "classified",
        AwaitingApproval = "awaiting_approval",
        InProgress = "in_progress",
        Contained = "contained",
        Resolved = "resolved",
        Closed = "closed",
    }
}

/// An incident as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub title: String,
    pub incident_type: IncidentType,
    pub state: State,
    pub severity: Severity,
    pub risk_score: u8,
    pub score: Vec<ScoreRow>,
    pub verdict: Verdict,
    pub verdict_reasons: Vec<VerdictReason>,
    pub assignee: Option<UserRef>,
    pub tags: Vec<String>,
    pub analyst_notes: String,
    pub alert_count: u32,
    pub privileged_account: bool,
    pub critical_asset: bool,
    /// What was seen in its alerts, the first few: what a row of a list shows.
    pub entities: Vec<Observable>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub contained_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// The incident that it is a duplicate of and that took its alerts; then it is closed for good.
    pub merged_into: Option<IncidentId>,
    /// Rises with every change.
    pub version: i64,
}

/// The shortest reason for a move by hand, in letters and digits that can be seen, where one is required.
pub const TRANSITION_REASON_LETTERS_MIN: usize = 1;
/// The longest reason for a move by hand, in bytes of UTF-8.
pub const TRANSITION_REASON_BYTES_MAX: usize = 4_096;
/// Both of them.
pub const TRANSITION_REASON_LIMITS: ReasonLimits =
    ReasonLimits { letters_min: TRANSITION_REASON_LETTERS_MIN, bytes_max: TRANSITION_REASON_BYTES_MAX };

/// The most observables that a row of a list shows.
pub const ENTITIES_MAX: usize = 4;

/// Does a run hold the incident right now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunActivity {
    Idle,
    Active,
}

/// The table of states has no such move; carries the moves that it has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an incident cannot go from {from} to {to}{}", or_where(.allowed))]
pub struct IllegalTransition {
    pub from: State,
    pub to: State,
    pub allowed: Vec<State>,
}

fn or_where(allowed: &[State]) -> String {
    let allowed = allowed.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
    if allowed.is_empty() { "; nothing is allowed from there".to_owned() } else { format!("; allowed: {allowed}") }
}

/// Where an analyst may move an incident by hand.
#[must_use]
pub const fn next_by_hand(from: State) -> &'static [State] {
    match from {
        State::New | State::AwaitingApproval => &[],
        State::Classified => &[State::InProgress, State::Closed],
        State::InProgress => &[State::Contained],
        State::Contained => &[State::Resolved],
        State::Resolved => &[State::Closed, State::Classified],
        State::Closed => &[State::Classified],
    }
}

/// Where Countersign itself may move an incident: when it is scored, and as its runs go.
#[must_use]
pub const fn next_by_system(from: State) -> &'static [State] {
    match from {
        State::New => &[State::Classified],
        State::Classified => &[State::AwaitingApproval, State::InProgress, State::Closed],
        State::AwaitingApproval => &[State::InProgress, State::Classified, State::Contained],
        State::InProgress => &[State::AwaitingApproval, State::Contained, State::Classified],
        State::Contained => &[State::AwaitingApproval, State::InProgress],
        State::Resolved | State::Closed => &[],
    }
}

/// May an analyst make this move?
pub fn check_by_hand(from: State, to: State) -> Result<(), IllegalTransition> {
    check(from, to, next_by_hand(from))
}

/// May Countersign itself make this move?
pub fn check_by_system(from: State, to: State) -> Result<(), IllegalTransition> {
    check(from, to, next_by_system(from))
}

fn check(from: State, to: State, allowed: &[State]) -> Result<(), IllegalTransition> {
    if allowed.contains(&to) { Ok(()) } else { Err(IllegalTransition { from, to, allowed: allowed.to_vec() }) }
}

/// The moves that are offered to an analyst: none while a run is active.
#[must_use]
pub const fn allowed_transitions(from: State, activity: RunActivity) -> &'static [State] {
    match activity {
        RunActivity::Idle => next_by_hand(from),
        RunActivity::Active => &[],
    }
}

/// Must a move by hand say why? Every one but taking the incident up.
#[must_use]
pub const fn reason_required(from: State, to: State) -> bool {
    !matches!((from, to), (State::Classified, State::InProgress))
}

/// Must a move by hand name a verdict, if the incident has this one?
#[must_use]
pub const fn verdict_required(from: State, to: State, verdict: Verdict) -> bool {
    matches!((from, to, verdict), (State::Resolved, State::Closed, Verdict::Unknown))
}

/// May a run be asked for in this state?
#[must_use]
pub const fn may_ask_for_run(state: State) -> bool {
    matches!(state, State::Classified | State::InProgress | State::Contained)
}

impl State {
    /// Is somebody still expected to respond?
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Classified | Self::AwaitingApproval | Self::InProgress)
    }
}

impl Incident {
    /// The incident after a move that was checked, with its times stamped. A reopened incident is stamped anew.
    #[must_use]
    pub fn moved(self, to: State, at: Timestamp) -> Self {
        let reopened = matches!(self.state, State::Resolved | State::Closed) && to == State::Classified;
        let first = |stamp: Option<Timestamp>, holds: bool| match stamp {
            _ if reopened => None,
            None if holds => Some(at),
            stamp => stamp,
        };
        Self {
            state: to,
            updated_at: at,
            acknowledged_at: if to == State::Classified { self.acknowledged_at } else { self.acknowledged_at.or(Some(at)) },
            contained_at: first(self.contained_at, to == State::Contained),
            resolved_at: first(self.resolved_at, to == State::Resolved),
            closed_at: first(self.closed_at, to == State::Closed),
            ..self
        }
    }

    /// The incident after a human act on it: the first one is when it was acknowledged.
    #[must_use]
    pub fn acknowledged(self, at: Timestamp) -> Self {
        Self { acknowledged_at: self.acknowledged_at.or(Some(at)), updated_at: at, ..self }
    }
}

/// Adds what was seen in another alert to what a row shows, as long as there is room.
pub fn add_entities(entities: &mut Vec<Observable>, seen: &[Observable]) {
    for observable in seen {
        let is_shown = entities.iter().any(|shown| shown.kind == observable.kind && shown.value == observable.value);
        if entities.len() < ENTITIES_MAX && !is_shown {
            entities.push(observable.clone());
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
