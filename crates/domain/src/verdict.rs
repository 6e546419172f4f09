//! What is believed about an incident or an observable, and why.

use serde::{Deserialize, Serialize};

use crate::word_enum;

word_enum! {
    /// Derived from signals, or set by an analyst with a reason.
    Verdict {
        Unknown = "unknown",
        Benign = "benign",
        Suspicious = "suspicious",
        Malicious = "malicious",
    }
}

/// One reason for a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerdictReason {
    pub detail: String,
    pub points: i64,
}
