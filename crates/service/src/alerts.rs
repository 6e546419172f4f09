//! Alerts: parsed, normalised and handed to the store as one write; read back as they were received. Batches are in `batch`.

mod batch;

use std::sync::Arc;

use api::alerts::{AlertDetail, AlertReceipt, Alerts, BatchFormat, BatchReceipt, RawAlert};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::{Actor, Permission};
use domain::alert::{Alert, NormalisedAlert, parse_alert};
use domain::audit::{AuditAction, Target};
use domain::digest::Digest;
use domain::id::{AlertId, IncidentId, Source};
use store::{IngestRequest, Ingested, Keeping, Posting, StoreError};

use crate::core::{Core, kept, origin, stop_if_answered};
use crate::error::ServiceError;
use crate::metrics::count_alert;
use crate::tampering::{Finding, Kept};
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
        stop_if_answered(caller)?;
        let keeping = caller.claim.clone().map(|claim| Keeping {
            claim,
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
        let digest = raw.digest();
        match raw.open().ok() {
            Some(bytes) if self.is_as_logged(id, digest).await? => Ok(RawAlert { sha256: digest.to_string(), bytes }),
            _ => Ok(self.changed(id, digest).await?.refuse(&self.0, caller).await?),
        }
    }
}

impl AlertCases {
    /// Is this the digest that the log has of the alert's bytes?
    async fn is_as_logged(&self, id: AlertId, digest: Digest) -> Result<bool, ServiceError> {
        let Some(incident_id) = self.incident_of(id).await? else { return Ok(true) };
        let logged = self.0.store.audit().facts_of_one(AuditAction::AlertIngested, incident_id, &id.to_string()).await?;
        Ok(logged.iter().all(|entry| entry.text("raw_sha256") == Some(&*digest.to_string())))
    }

    async fn changed(&self, id: AlertId, digest: Digest) -> Result<Finding, ServiceError> {
        Ok(Finding { what: Kept::RawAlert, target: Target::alert(id), incident_id: self.incident_of(id).await?, digest })
    }

    async fn incident_of(&self, id: AlertId) -> Result<Option<IncidentId>, ServiceError> {
        Ok(self.0.store.alerts().find(id).await?.and_then(|alert| alert.incident_id))
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
