//! The risk score: integers in, an integer from 0 to 100 out, with rows that add up to it. The weights are data; where the inputs
//! of an alert come from is in `alert`.

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::digest::Digest;
use crate::severity::Severity;
use crate::verdict::Verdict;
use crate::word_enum;

mod rules;

pub use rules::{ConfidenceScale, CorrelatedAlerts, Labels, Modifiers, ScoringRules, Thresholds, VerdictPoints};

/// Inputs are 1 to this.
pub const INPUT_MAX: u8 = 5;
/// The highest score.
pub const SCORE_MAX: u8 = 100;
/// What `impact × likelihood` is multiplied by, so that 5 × 5 makes 100.
const BASE_FACTOR: i64 = 4;

word_enum! {
    /// What a row of the explanation speaks of.
    Factor {
        Base = "base",
        Confidence = "confidence",
        PrivilegedAccount = "privileged_account",
        CriticalAsset = "critical_asset",
        Verdict = "verdict",
        CorrelatedAlerts = "correlated_alerts",
        Clamp = "clamp",
    }
}

/// One row of the explanation; the points of all rows add up to the score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreRow {
    pub factor: Factor,
    pub detail: String,
    pub points: i64,
}

/// A score with its severity and its explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub value: u8,
    pub severity: Severity,
    pub rows: Vec<ScoreRow>,
}

word_enum! {
    /// Where an input comes from.
    InputOrigin {
        /// The alert says it.
        Given = "given",
        /// From the severity that the sender put on the alert.
        Label = "label",
        /// A rule of the classification says it.
        Classified = "classified",
        Default = "default",
    }
}

/// One input of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// 1 to 5.
    pub value: u8,
    pub origin: InputOrigin,
}

/// The inputs of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    pub impact: Input,
    pub likelihood: Input,
    pub confidence: Input,
}

impl Inputs {
    /// The greatest of each: what counts when an alert joins others.
    #[must_use]
    pub fn joined_with(self, other: Self) -> Self {
        let greater = |one: Input, two: Input| if two.value > one.value { two } else { one };
        Self {
            impact: greater(self.impact, other.impact),
            likelihood: greater(self.likelihood, other.likelihood),
            confidence: greater(self.confidence, other.confidence),
        }
    }
}

/// What else is known when an incident is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    pub privileged_account: bool,
    pub critical_asset: bool,
    pub verdict: Verdict,
    pub alert_count: u32,
}

impl ScoringRules {
    /// The score, in integer arithmetic: the same input makes the same score everywhere.
    #[must_use]
    pub fn score(&self, inputs: &Inputs, circumstances: &Circumstances) -> Score {
        let mut rows = self.input_rows(inputs);
        rows.extend(self.modifier_rows(circumstances));
        let sum = rows.iter().map(|row| row.points).sum::<i64>();
        let value = u8::try_from(sum.clamp(0, SCORE_MAX.into())).unwrap_or(SCORE_MAX);
        if i64::from(value) != sum {
            rows.push(row(Factor::Clamp, format!("{sum} is brought into 0 to {SCORE_MAX}"), i64::from(value) - sum));
        }
        Score { value, severity: self.severity_of(value), rows }
    }

    /// The severity of a score.
    #[must_use]
    pub fn severity_of(&self, score: u8) -> Severity {
        let Thresholds { s1, s2, s3, s4 } = self.thresholds;
        let reached = |(severity, from): (Severity, u8)| (score >= from).then_some(severity);
        [(Severity::S1, s1), (Severity::S2, s2), (Severity::S3, s3), (Severity::S4, s4)]
            .into_iter()
            .find_map(reached)
            .unwrap_or(Severity::S5)
    }

    /// SHA-256 of the canonical JSON of these rules; stored with each score.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(canonical::to_json(self).as_bytes())
    }

    fn input_rows(&self, inputs: &Inputs) -> Vec<ScoreRow> {
        let Inputs { impact, likelihood, confidence } = inputs;
        let ConfidenceScale { offset, divisor } = self.confidence;
        let base = i64::from(impact.value) * i64::from(likelihood.value) * BASE_FACTOR;
        let scaled = (base * (offset + i64::from(confidence.value)) + divisor / 2) / divisor;
        let of = |input: &Input| format!("{} ({})", input.value, input.origin);
        vec![
            row(Factor::Base, format!("impact {} × likelihood {} × {BASE_FACTOR}", of(impact), of(likelihood)), base),
            row(Factor::Confidence, format!("confidence {} makes {base} into {scaled}", of(confidence)), scaled - base),
        ]
    }

    fn modifier_rows(&self, circumstances: &Circumstances) -> impl Iterator<Item = ScoreRow> {
        let Modifiers { privileged_account, critical_asset, verdict, correlated_alerts } = self.modifiers;
        let CorrelatedAlerts { at_least, points } = correlated_alerts;
        let Circumstances { alert_count, .. } = *circumstances;
        let verdict_points = match circumstances.verdict {
            Verdict::Unknown => None,
            Verdict::Benign => Some(verdict.benign),
            Verdict::Suspicious => Some(verdict.suspicious),
            Verdict::Malicious => Some(verdict.malicious),
        };
        let privileged = circumstances
            .privileged_account
            .then(|| row(Factor::PrivilegedAccount, "a privileged account is involved".to_owned(), privileged_account));
        let critical = circumstances
            .critical_asset
            .then(|| row(Factor::CriticalAsset, "a critical asset is involved".to_owned(), critical_asset));
        let verdict =
            verdict_points.map(|points| row(Factor::Verdict, format!("the verdict is {}", circumstances.verdict), points));
        let correlated = (alert_count >= at_least)
            .then(|| row(Factor::CorrelatedAlerts, format!("{alert_count} correlated alerts, at least {at_least}"), points));
        [privileged, critical, verdict, correlated].into_iter().flatten()
    }
}

fn row(factor: Factor, detail: String, points: i64) -> ScoreRow {
    ScoreRow { factor, detail, points }
}

#[cfg(test)]
pub(crate) mod tests;
