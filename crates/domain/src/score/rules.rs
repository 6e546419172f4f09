//! The weights and thresholds of the score as a SOC edits them (`scoring.yaml`), and what makes such a file valid.

use serde::{Deserialize, Serialize};

use super::{INPUT_MAX, SCORE_MAX};
use crate::severity::Severity;

/// The one version of the file's shape.
const VERSION: u32 = 1;
/// The largest number of points, added or taken away, of one modifier.
const POINTS_MAX: i64 = 100;
/// The largest offset and divisor of the confidence.
const SCALE_MAX: i64 = 1_000;

/// The weights and thresholds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoringRules {
    pub version: u32,
    pub confidence: ConfidenceScale,
    pub modifiers: Modifiers,
    pub thresholds: Thresholds,
    pub labels: Labels,
}

/// `scaled = base × (offset + confidence) / divisor`, rounded to nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceScale {
    pub offset: i64,
    pub divisor: i64,
}

/// The points that circumstances add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modifiers {
    pub privileged_account: i64,
    pub critical_asset: i64,
    pub verdict: VerdictPoints,
    pub correlated_alerts: CorrelatedAlerts,
}

/// The points of each verdict; `unknown` has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictPoints {
    pub malicious: i64,
    pub suspicious: i64,
    pub benign: i64,
}

/// The points of many alerts in one incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrelatedAlerts {
    pub at_least: u32,
    pub points: i64,
}

/// The lowest score of each severity; below all of them is S5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    #[serde(rename = "S1")]
    pub s1: u8,
    #[serde(rename = "S2")]
    pub s2: u8,
    #[serde(rename = "S3")]
    pub s3: u8,
    #[serde(rename = "S4")]
    pub s4: u8,
}

/// Impact, likelihood and confidence that a sender's label stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    pub critical: [u8; 3],
    pub high: [u8; 3],
    pub medium: [u8; 3],
    pub low: [u8; 3],
    pub informational: [u8; 3],
}

impl Labels {
    /// Impact, likelihood and confidence of this label.
    #[must_use]
    pub fn of(&self, severity: Severity) -> [u8; 3] {
        match severity {
            Severity::S1 => self.critical,
            Severity::S2 => self.high,
            Severity::S3 => self.medium,
            Severity::S4 => self.low,
            Severity::S5 => self.informational,
        }
    }
}

impl ScoringRules {
    /// Are the rules usable? Says everything that is wrong, one sentence each. Only a verdict may lower a score.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        let mut demand = |holds: bool, sentence: String| {
            if !holds {
                faults.push(sentence);
            }
        };
        demand(self.version == VERSION, format!("version must be {VERSION}"));
        demand((0..=SCALE_MAX).contains(&self.confidence.offset), format!("confidence.offset must be 0 to {SCALE_MAX}"));
        demand((1..=SCALE_MAX).contains(&self.confidence.divisor), format!("confidence.divisor must be 1 to {SCALE_MAX}"));
        for (name, points, points_min) in self.modifiers.named_points() {
            demand((points_min..=POINTS_MAX).contains(&points), format!("modifiers.{name} must be {points_min} to {POINTS_MAX}"));
        }
        demand(
            self.modifiers.correlated_alerts.at_least > 0,
            "modifiers.correlated_alerts.at_least must be at least 1".to_owned(),
        );
        demand(self.thresholds.descend(), format!("thresholds must fall from S1 to S4, within 1 to {SCORE_MAX}"));
        for severity in Severity::ALL {
            let valid = self.labels.of(severity).iter().all(|input| (1..=INPUT_MAX).contains(input));
            demand(valid, format!("labels.{} must be three numbers of 1 to {INPUT_MAX}", severity.label()));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl Modifiers {
    fn named_points(&self) -> [(&'static str, i64, i64); 6] {
        [
            ("privileged_account", self.privileged_account, 0),
            ("critical_asset", self.critical_asset, 0),
            ("verdict.malicious", self.verdict.malicious, -POINTS_MAX),
            ("verdict.suspicious", self.verdict.suspicious, -POINTS_MAX),
            ("verdict.benign", self.verdict.benign, -POINTS_MAX),
            ("correlated_alerts.points", self.correlated_alerts.points, 0),
        ]
    }
}

impl Thresholds {
    fn descend(self) -> bool {
        self.s1 <= SCORE_MAX && self.s1 > self.s2 && self.s2 > self.s3 && self.s3 > self.s4 && self.s4 > 0
    }
}
