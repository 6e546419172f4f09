//! Alerts: parsed, normalised and handed to the store as one write; read back as they were received. Batches are in `batch`.

mod batch;

use std::sync::Arc;

use api::alerts::{AlertDetail, AlertReceipt, Alerts, BatchFormat, BatchReceipt, RawAlert};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::alert::{Alert, NormalisedAlert, parse_alert};
use domain::digest::Digest;
use domain::id::{AlertId, Source};
use store::{IngestRequest, Ingested, Keeping, Posting, StoreError};

use crate::core::{Core, kept, origin, stop_if_answered};
use crate::error::ServiceError;
use crate::metrics::count_alert;
use crate::views::{page_of, page_request};

/// The source of an alert that an analyst posts by hand.
const MANUAL_SOURCE: &str = "manual";

/// The use cases of alerts.
pub struct AlertCases(pub Arc<Core>);

#[async_trait]
impl Alerts for AlertCases {
    async fn ingest(&self, caller: &Caller, body: Vec<u8>) -> Result<AlertReceipt, ApiError> {
        self.0.check(caller, Permission::SubmitAlert).await?;
        let request = request(&self.0, caller, body).inspect_err(|_| count_alert("refused"))?;
        let keeping = caller.claim.clone().map(|claim| Keeping {
            claim,
        stop_if_answered(caller)?;
            answer: Box::new(|results| Some(kept(&receipt(results.first()?.as_ref().ok()?.clone())))),
        });
        let mut results =
            self.0.store.ingest_posting(Posting { requests: vec![request], keeping }).await.map_err(ServiceError::from)?;
        count(&results);
        let ingested = results.pop().unwrap_or(Err(StoreError::Abandoned)).map_err(ServiceError::from)?;
        Ok(receipt(ingested))
    }

    async fn ingest_batch(&self, caller: &Caller, format: BatchFormat, body: Vec<u8>) -> Result<BatchReceipt, ApiError> {
        self.0.permit(caller, Permission::SubmitAlert).await?;
        batch::ingest(&self.0, caller, format, &body).await
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

/// One alert, checked, with its bytes as they were received.
fn request(core: &Core, caller: &Caller, body: Vec<u8>) -> Result<IngestRequest, ApiError> {
    let value = domain::json::parse(&body).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))?;
    let alert = parse_alert(&value).map_err(ApiError::invalid)?;
    Ok(IngestRequest {
        source: source_of(caller, &alert)?,
        alert,
        raw: body,
        origin: origin(caller),
        submitted_by: caller.actor.hand(),
        rules: Arc::clone(&core.rules),
    })
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

/// Counts what became of alerts that were written.
fn count(results: &[Result<Ingested, StoreError>]) {
    for result in results {
        count_alert(match result {
            Ok(ingested) if ingested.deduplicated => "duplicate",
            Ok(_) => "stored",
            Err(_) => "refused",
        });
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
