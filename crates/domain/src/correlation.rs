//! Which alerts belong together: those that share an entity and a type within a window of time. Looking the candidates up is the
//! crate `store`'s business, inside the write.

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::NormalisedAlert;
use crate::id::{IncidentId, IncidentType};
use crate::incident::State;
use crate::observable::ObservableKind;
use crate::timestamp::Timestamp;

/// The window if nothing else is said: 30 minutes.
pub const WINDOW_S_DEFAULT: i64 = 1_800;
/// The longest window: seven days.
pub const WINDOW_S_MAX: i64 = 604_800;

/// How alerts are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelationRules {
    /// Seconds from an incident's newest alert, forwards and backwards, within which another may join it.
    pub window_s: i64,
}

impl Default for CorrelationRules {
    fn default() -> Self {
        Self { window_s: WINDOW_S_DEFAULT }
    }
}

impl CorrelationRules {
    /// Is the window within its limits? Says what is wrong, one sentence each.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        if (0..=WINDOW_S_MAX).contains(&self.window_s) {
            Ok(())
        } else {
            Err(vec![format!("window_s must be 0 to {WINDOW_S_MAX}")])
        }
    }
}

/// An entity that alerts can share; values that differ only in case are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CorrelationKey {
    pub kind: ObservableKind,
    pub value: String,
}

impl fmt::Display for CorrelationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}

/// The ECS fields that alerts are joined on.
const JOINED_ON: [&str; 6] = ["source.ip", "user.name", "host.name", "file.hash.sha256", "file.hash.sha1", "file.hash.md5"];

/// The entities of this alert that others may share: source address, user, host, file hash.
#[must_use]
pub fn correlation_keys(alert: &NormalisedAlert) -> Vec<CorrelationKey> {
    let observables = alert.observables();
    let of_field = |field: &str| observables.iter().find(|observable| observable.field == field);
    JOINED_ON
        .into_iter()
        .filter_map(of_field)
        .map(|observable| CorrelationKey { kind: observable.kind, value: observable.value.to_lowercase() })
        .collect()
}

/// An alert that looks for an incident to join.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    pub keys: &'a [CorrelationKey],
    pub incident_type: &'a IncidentType,
    /// When it occurred; when it arrived, if that is not known.
    pub at: Timestamp,
}

/// An incident that an alert may join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub incident_id: IncidentId,
    pub incident_type: IncidentType,
    pub state: State,
    /// The time of its newest alert.
    pub newest_at: Timestamp,
    pub keys: Vec<CorrelationKey>,
}

/// The incident that the alert joins, and the entity that they share: of the open ones of its type within the window the newest,
/// then the one with the smallest id.
#[must_use]
pub fn join(newcomer: &Newcomer<'_>, candidates: &[Candidate], rules: &CorrelationRules) -> Option<(IncidentId, CorrelationKey)> {
    candidates
        .iter()
        .filter(|candidate| fits(newcomer, candidate, rules))
        .filter_map(|candidate| Some((candidate, shared_key(newcomer, candidate)?)))
        .max_by_key(|(candidate, _)| (candidate.newest_at, Reverse(candidate.incident_id)))
        .map(|(candidate, key)| (candidate.incident_id, key.clone()))
}

fn fits(newcomer: &Newcomer<'_>, candidate: &Candidate, rules: &CorrelationRules) -> bool {
    candidate.state.is_open()
        && candidate.incident_type == *newcomer.incident_type
        && newcomer.at.since_ms(candidate.newest_at).abs() <= rules.window_s.saturating_mul(1_000)
}

fn shared_key<'a>(newcomer: &Newcomer<'a>, candidate: &Candidate) -> Option<&'a CorrelationKey> {
    newcomer.keys.iter().find(|key| candidate.keys.contains(key))
}

#[cfg(test)]
mod tests;
