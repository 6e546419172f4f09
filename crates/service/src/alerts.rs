//! Alerts: parsed, normalised and handed to the store as one write; read back as they were received.

use std::sync::Arc;

use api::alerts::{AlertDetail, AlertReceipt, Alerts, RawAlert};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::alert::{Alert, NormalisedAlert, parse_alert};
use domain::digest::Digest;
use domain::id::{AlertId, Source};
use store::{IngestRequest, Ingested};

use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::views::{page_of, page_request};

/// The source of an alert that an analyst posts by hand.
const MANUAL_SOURCE: &str = "manual";

/// The use cases of alerts.
pub struct AlertCases(pub Arc<Core>);

#[async_trait]
impl Alerts for AlertCases {
    async fn ingest(&self, caller: &Caller, body: Vec<u8>) -> Result<AlertReceipt, ApiError> {
        self.0.permit(caller, Permission::SubmitAlert).await?;
        let value = domain::json::parse(&body).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))?;
        let alert = parse_alert(&value).map_err(ApiError::invalid)?;
        let request = IngestRequest {
            source: source_of(caller, &alert)?,
            alert,
            raw: body,
            origin: origin(caller),
            submitted_by: caller.actor.as_user().map(|person| person.user.id),
            rules: Arc::clone(&self.0.rules),
        };
        let ingested = self.0.store.ingest(request).await.map_err(ServiceError::from)?;
        Ok(receipt(ingested))
    }

    async fn list(&self, caller: &Caller, request: PageRequest) -> Result<Page<Alert>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let alerts = self.0.store.alerts().list(page_request(&request)?).await.map_err(ServiceError::from)?;
        Ok(page_of(alerts, |alert| alert))
    }

    async fn get(&self, caller: &Caller, id: AlertId) -> Result<Alert, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        self.0.store.alerts().find(id).await.map_err(ServiceError::from)?.ok_or_else(|| ApiError::not_found(id))
    }

    async fn inspect(&self, caller: &Caller, id: AlertId) -> Result<AlertDetail, ApiError> {
        let (alert, raw) = (self.get(caller, id).await?, self.raw(caller, id).await?);
        let normalised = self.0.store.alerts().find_normalised(id).await.map_err(ServiceError::from)?;
        let normalised = normalised.ok_or_else(|| ApiError::not_found(id))?;
        Ok(AlertDetail { alert, normalised, raw: raw.text() })
    }

    async fn raw(&self, caller: &Caller, id: AlertId) -> Result<RawAlert, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let raw = self.0.store.alerts().find_raw(id).await.map_err(ServiceError::from)?.ok_or_else(|| ApiError::not_found(id))?;
        Ok(RawAlert { sha256: Digest::of(&raw).to_string(), bytes: raw })
    }
}

/// The key's source if it is bound to one, else the body's, else the key's name; `manual` for an analyst.
fn source_of(caller: &Caller, alert: &NormalisedAlert) -> Result<Source, ApiError> {
    let named = |name: &str| {
        name.parse().map_err(|_| ApiError::invalid_field("/source", "is missing, and the key's name cannot stand in for it"))
    };
    let Actor::Key(key) = &caller.actor else { return alert.source.clone().map_or_else(|| named(MANUAL_SOURCE), Ok) };
    match (&key.source, &alert.source) {
        (Some(bound), Some(given)) if bound != given => {
            Err(ApiError::new(ProblemCode::Forbidden, format!("this key may post for the source {bound} only")))
        }
        (Some(bound), _) => Ok(bound.clone()),
        (None, Some(given)) => Ok(given.clone()),
        (None, None) => named(&key.name),
    }
}

fn receipt(ingested: Ingested) -> AlertReceipt {
    let incident = ingested.incident;
    AlertReceipt {
        id: ingested.id,
        alert_id: ingested.alert_id,
        incident_id: incident.id,
        incident_type: incident.incident_type,
        risk_score: incident.risk_score,
        severity: incident.severity,
        severity_label: incident.severity.label().to_owned(),
        state: incident.state,
        verdict: incident.verdict,
        deduplicated: ingested.deduplicated,
        correlated: ingested.correlated,
    }
}
