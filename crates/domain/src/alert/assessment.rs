//! What an alert is about and how bad it is: what it says of itself wins, one input at a time; then its severity label; then the
//! rules of the classification.

use super::NormalisedAlert;
use crate::classification::{ClassificationRules, Classified};
use crate::id::IncidentType;
use crate::score::{Input, InputOrigin, Inputs, ScoringRules};

/// What an alert is about and how bad it is, before it is scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    pub incident_type: IncidentType,
    pub inputs: Inputs,
    /// The rule of the classification, if it was needed for the type or an input.
    pub classified_by: Option<String>,
}

/// Assesses an alert by these rules.
#[must_use]
pub fn assess(alert: &NormalisedAlert, classification: &ClassificationRules, scoring: &ScoringRules) -> Assessed {
    let classified = classification.classify(alert);
    let derived = derived_inputs(alert, &classified, scoring);
    let inputs = Inputs {
        impact: alert.impact.map_or(derived.impact, given),
        likelihood: alert.likelihood.map_or(derived.likelihood, given),
        confidence: alert.confidence.map_or(derived.confidence, given),
    };
    let needed = alert.incident_type.is_none()
        || [inputs.impact, inputs.likelihood, inputs.confidence].iter().any(|input| input.origin == InputOrigin::Classified);
    Assessed { incident_type: classified.incident_type, inputs, classified_by: needed.then_some(classified.rule) }
}

fn given(value: u8) -> Input {
    Input { value, origin: InputOrigin::Given }
}

fn derived_inputs(alert: &NormalisedAlert, classified: &Classified, scoring: &ScoringRules) -> Inputs {
    match alert.source_severity {
        Some(severity) => {
            let [impact, likelihood, confidence] =
                scoring.labels.of(severity).map(|value| Input { value, origin: InputOrigin::Label });
            Inputs { impact, likelihood, confidence }
        }
        None => Inputs {
            impact: Input { value: classified.impact, origin: classified.origin },
            likelihood: Input { value: classified.likelihood, origin: classified.origin },
            confidence: Input { value: classified.confidence, origin: classified.confidence_origin },
        },
    }
}
