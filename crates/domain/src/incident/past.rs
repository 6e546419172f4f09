//! What an incident was before people changed it. Whether a plan must be signed is judged by that too: whoever asks for a run could otherwise
//! first change what asks.

use serde::{Deserialize, Serialize};

use super::{Incident, State};
use crate::id::{AlertId, IncidentType};
use crate::score::{Inputs, ScoringRules};
use crate::severity::Severity;
use crate::verdict::Verdict;

/// How many states of an incident are kept that differ in what playbooks can read; of one that people changed more often every plan that touches
/// anything is signed.
pub const PAST_FACTS_MAX: usize = 64;

/// What playbooks could read of an incident before a person changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFacts {
    pub title: String,
    pub incident_type: IncidentType,
    pub state: State,
    pub severity: Severity,
    pub risk_score: u8,
    pub verdict: Verdict,
    pub tags: Vec<String>,
    pub privileged_account: bool,
    pub critical_asset: bool,
    /// The alert that was its first one.
    pub first_alert: AlertId,
}

impl PastFacts {
    /// Of an incident as it is, with its first alert.
    #[must_use]
    pub fn of(incident: &Incident, first_alert: AlertId) -> Self {
        Self {
            title: incident.title.clone(),
            incident_type: incident.incident_type.clone(),
            state: incident.state,
            severity: incident.severity,
            risk_score: incident.risk_score,
            verdict: incident.verdict,
            tags: incident.tags.clone(),
            privileged_account: incident.privileged_account,
            critical_asset: incident.critical_asset,
            first_alert,
        }
    }

    /// The incident as it would be if people had left it so: with what its alerts brought since, scored by all of them, and never less severe than
    /// it was.
    #[must_use]
    pub fn judged(&self, now: &Incident, inputs: &Inputs, rules: &ScoringRules) -> Incident {
        let unchanged = Incident {
            title: self.title.clone(),
            incident_type: self.incident_type.clone(),
            state: self.state,
            verdict: self.verdict,
            tags: self.tags.clone(),
            privileged_account: self.privileged_account || now.privileged_account,
            critical_asset: self.critical_asset || now.critical_asset,
            ..now.clone()
        };
        let scored = unchanged.rescored(inputs, rules);
        Incident { severity: scored.severity.min(self.severity), risk_score: scored.risk_score.max(self.risk_score), ..scored }
    }
}

#[cfg(test)]
mod tests {
    use super::PastFacts;
    use crate::id::AlertId;
    use crate::incident::Incident;
    use crate::incident::tests::new_incident;
    use crate::score::tests::documented_rules as shipped;
    use crate::score::{Input, InputOrigin, Inputs};
    use crate::severity::Severity::{self, S1, S2, S3};
    use crate::verdict::Verdict;

    fn inputs(impact: u8, likelihood: u8, confidence: u8) -> Inputs {
        let of = |value| Input { value, origin: InputOrigin::Given };
        Inputs { impact: of(impact), likelihood: of(likelihood), confidence: of(confidence) }
    }

    fn scored(verdict: Verdict, of: &Inputs) -> Incident {
        Incident { verdict, ..new_incident() }.rescored(of, &shipped())
    }

    #[test]
    fn a_verdict_of_a_person_lowers_nothing_of_what_was() {
        // 5/5/4 makes 90; benign takes 30 of it.
        let severe = inputs(5, 5, 4);
        let before = scored(Verdict::Unknown, &severe);
        let after = scored(Verdict::Benign, &severe);
        assert_eq!((before.severity, after.severity), (S1, S3));
        let judged = PastFacts::of(&before, AlertId::new(1)).judged(&after, &severe, &shipped());
        assert_eq!((judged.severity, judged.risk_score, judged.verdict), (S1, 90, Verdict::Unknown));
    }

    #[test]
    fn what_alerts_brought_since_counts_without_the_verdict_of_a_person() {
        // 4/4/5 makes 64; benign takes 30 of it before another alert brings 5/5/4.
        let check = |verdict: Verdict, expected: Severity| {
            let past = PastFacts::of(&scored(verdict, &inputs(4, 4, 5)), AlertId::new(1));
            let now = scored(Verdict::Benign, &inputs(5, 4, 4));
            assert_eq!(past.judged(&now, &inputs(5, 4, 4), &shipped()).severity, expected, "{verdict}");
        };
        check(Verdict::Unknown, S2);
        check(Verdict::Malicious, S1);
    }
}
