//! Alerts: posted by sources and analysts, kept as received.

use async_trait::async_trait;
use domain::alert::Alert;
use domain::id::{AlertId, IncidentId, IncidentType};
use domain::incident::State;
use domain::severity::Severity;
use domain::verdict::Verdict;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller, Page, PageRequest};

/// What a source learns about the alert that it posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertReceipt {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AlertId,
    /// The sender's own id, or `id`.
    pub alert_id: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident_id: IncidentId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
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

/// The bytes of an alert exactly as they were received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAlert {
    pub bytes: Vec<u8>,
    pub sha256: String,
}

/// What can be done with alerts.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Takes one alert in the native format; answered once it is durable.
    async fn ingest(&self, caller: &Caller, body: Vec<u8>) -> Result<AlertReceipt, ApiError>;
    /// Alerts, the newest first.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<Alert>, ApiError>;
    /// One alert.
    async fn get(&self, caller: &Caller, id: AlertId) -> Result<Alert, ApiError>;
    /// The bytes as received.
    async fn raw(&self, caller: &Caller, id: AlertId) -> Result<RawAlert, ApiError>;
}
