//! Alerts: posted by sources and analysts, kept as received.

use async_trait::async_trait;
use domain::alert::{Alert, NormalisedAlert};
use domain::id::{AlertId, IncidentId, IncidentType};
use domain::incident::State;
use domain::severity::Severity;
use domain::verdict::Verdict;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller, Page, PageRequest, ProblemBody};

/// What a source learns about the alert that it posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertReceipt {
    pub id: AlertId,
    /// The sender's own id, or `id`.
    pub alert_id: String,
    pub incident_id: IncidentId,
    pub incident_type: IncidentType,
    /// 0 to 100.
    pub risk_score: u8,
    pub severity: Severity,
    pub severity_label: String,
    pub state: State,
    pub verdict: Verdict,
    /// The same (source, `alert_id`) was there already; it was counted, nothing is new.
    pub deduplicated: bool,
    /// The alert joined an incident that was open already.
    pub correlated: bool,
}

/// How the alerts of a batch are written one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchFormat {
    /// A JSON array.
    Array,
    /// NDJSON: one alert a line.
    Lines,
}

/// What became of a batch: one result for each alert, in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchReceipt {
    pub results: Vec<BatchResult>,
}

/// What became of one alert of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BatchResult {
    /// It was taken in; `status` is 201, or 200 for a duplicate.
    Taken { index: usize, status: u16, alert: AlertReceipt },
    /// It was refused, and the others were not harmed by it.
    Refused { index: usize, status: u16, problem: ProblemBody },
}

/// The bytes of an alert exactly as they were received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAlert {
    pub bytes: Vec<u8>,
    pub sha256: String,
}

/// How much of an alert's bytes is shown as text; the rest is in the download.
pub const RAW_TEXT_BYTES_MAX: usize = 65_536;

/// The bytes of an alert as a person may read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawText {
    /// The first [`RAW_TEXT_BYTES_MAX`] bytes; what is not UTF-8 is replaced.
    pub text: String,
    pub is_utf8: bool,
    /// All of them, also those that are not shown.
    pub size_bytes: usize,
}

impl RawAlert {
    /// The bytes for people.
    #[must_use]
    pub fn text(&self) -> RawText {
        let shown = self.bytes.get(..RAW_TEXT_BYTES_MAX).unwrap_or(&self.bytes);
        RawText {
            text: String::from_utf8_lossy(shown).into_owned(),
            is_utf8: std::str::from_utf8(&self.bytes).is_ok(),
            size_bytes: self.bytes.len(),
        }
    }
}

/// An alert with what was read out of it, beside what was received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertDetail {
    pub alert: Alert,
    pub normalised: NormalisedAlert,
    pub raw: RawText,
}

/// What can be done with alerts.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Takes one alert in the native format; answered once it is durable.
    async fn ingest(&self, caller: &Caller, body: Vec<u8>) -> Result<AlertReceipt, ApiError>;
    /// Takes a batch of alerts in, each by itself; answered once all are durable.
    async fn ingest_batch(&self, caller: &Caller, format: BatchFormat, body: Vec<u8>) -> Result<BatchReceipt, ApiError>;
    /// Alerts, the newest first.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<Alert>, ApiError>;
    /// One alert.
    async fn get(&self, caller: &Caller, id: AlertId) -> Result<Alert, ApiError>;
    /// One alert with what was read out of it and its bytes as text.
    async fn inspect(&self, caller: &Caller, id: AlertId) -> Result<AlertDetail, ApiError>;
    /// The bytes as received.
    async fn raw(&self, caller: &Caller, id: AlertId) -> Result<RawAlert, ApiError>;
}

#[cfg(test)]
mod tests {
    use super::{RAW_TEXT_BYTES_MAX, RawAlert};

    #[test]
    fn bytes_are_shown_as_far_as_they_are_text_and_fit() {
        let check = |bytes: &[u8], text: &str, is_utf8: bool| {
            let shown = RawAlert { bytes: bytes.to_vec(), sha256: String::new() }.text();
            assert_eq!((shown.text.as_str(), shown.is_utf8, shown.size_bytes), (text, is_utf8, bytes.len()));
        };
        check(b"{}", "{}", true);
        check(b"a\xffb", "a\u{fffd}b", false);
        let long = vec![b'x'; RAW_TEXT_BYTES_MAX + 1];
        check(&long, &"x".repeat(RAW_TEXT_BYTES_MAX), true);
    }
}
