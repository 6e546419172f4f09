//! When an incident must be acknowledged and contained, by its severity, and how it stands. The times are data (`sla.yaml`).

use serde::{Deserialize, Serialize};

use crate::incident::Incident;
use crate::severity::Severity;
use crate::timestamp::Timestamp;
use crate::word_enum;

/// The one version of the file's shape.
const VERSION: u32 = 1;
/// The longest time: a year, in seconds.
const TARGET_S_MAX: i64 = 31_536_000;

/// The times of one severity, in seconds from the incident's creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaTimes {
    pub acknowledge_s: i64,
    pub contain_s: i64,
}

/// The times of each severity; one that is absent has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaRules {
    pub version: u32,
    pub targets: SlaTargets,
}

/// By severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaTargets {
    #[serde(rename = "S1", default)]
    pub s1: Option<SlaTimes>,
    #[serde(rename = "S2", default)]
    pub s2: Option<SlaTimes>,
    #[serde(rename = "S3", default)]
    pub s3: Option<SlaTimes>,
    #[serde(rename = "S4", default)]
    pub s4: Option<SlaTimes>,
    #[serde(rename = "S5", default)]
    pub s5: Option<SlaTimes>,
}

word_enum! {
    /// How a target stands.
    SlaState {
        /// Not reached yet, and there is time.
        Open = "open",
        /// Not reached yet, and the time is over.
        Overdue = "overdue",
        /// Reached in time.
        Met = "met",
        /// Reached too late.
        Missed = "missed",
    }
}

/// One target of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlaTarget {
    pub due_at: Timestamp,
    /// As of the answer.
    pub state: SlaState,
}

/// The targets of an incident; `null` where its severity has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sla {
    pub acknowledge: Option<SlaTarget>,
    pub contain: Option<SlaTarget>,
}

impl SlaRules {
    /// Are the rules usable? Says everything that is wrong, one sentence each.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        if self.version != VERSION {
            faults.push(format!("version must be {VERSION}"));
        }
        for severity in Severity::ALL {
            let Some(times) = self.times(severity) else { continue };
            for (name, seconds) in [("acknowledge_s", times.acknowledge_s), ("contain_s", times.contain_s)] {
                if !(1..=TARGET_S_MAX).contains(&seconds) {
                    faults.push(format!("targets.{severity}.{name} must be 1 to {TARGET_S_MAX}"));
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// How an incident stands now. What was closed without being contained counts as contained when it was closed.
    #[must_use]
    pub fn of(&self, incident: &Incident, now: Timestamp) -> Sla {
        let Some(times) = self.times(incident.severity) else { return Sla::default() };
        let contained_at = incident.contained_at.or(incident.resolved_at).or(incident.closed_at);
        let target = |seconds: i64, reached_at| {
            let due_at = incident.created_at.plus_ms(seconds.saturating_mul(1_000));
            Some(SlaTarget { due_at, state: state(due_at, reached_at, now) })
        };
        Sla {
            acknowledge: target(times.acknowledge_s, incident.acknowledged_at.or(incident.closed_at)),
            contain: target(times.contain_s, contained_at),
        }
    }

    fn times(&self, severity: Severity) -> Option<SlaTimes> {
        match severity {
            Severity::S1 => self.targets.s1,
            Severity::S2 => self.targets.s2,
            Severity::S3 => self.targets.s3,
            Severity::S4 => self.targets.s4,
            Severity::S5 => self.targets.s5,
        }
    }
}

fn state(due_at: Timestamp, reached_at: Option<Timestamp>, now: Timestamp) -> SlaState {
    match reached_at {
        Some(at) if at <= due_at => SlaState::Met,
        Some(_) => SlaState::Missed,
        None if now <= due_at => SlaState::Open,
        None => SlaState::Overdue,
    }
}

#[cfg(test)]
mod tests {
    use super::{SlaState, SlaTimes, state};
    use crate::timestamp::Timestamp;

    #[test]
    fn a_target_is_open_until_it_is_due_and_met_only_in_time() {
        let at = Timestamp::from_unix_ms;
        let check = |reached: Option<i64>, now, expected| assert_eq!(state(at(100), reached.map(at), at(now)), expected);
        check(None, 100, SlaState::Open);
        check(None, 101, SlaState::Overdue);
        check(Some(100), 500, SlaState::Met);
        check(Some(101), 101, SlaState::Missed);
    }

    #[test]
    fn times_outside_their_limits_are_told() {
        let times = |acknowledge_s, contain_s| Some(SlaTimes { acknowledge_s, contain_s });
        let targets = super::SlaTargets { s1: times(0, 31_536_001), s2: times(1, 31_536_000), s3: None, s4: None, s5: None };
        let faults = super::SlaRules { version: 2, targets }.validate().unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
    }
}
