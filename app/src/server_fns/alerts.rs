//! Server functions about alerts.

use api::alerts::{AlertDetail, AlertReceipt};
use api::text::Json;
use api::{ApiError, Page, PageRequest};
use domain::alert::Alert;
use domain::id::AlertId;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Alerts, the newest first.
#[server(prefix = "/rpc", endpoint = "alerts/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_alerts(page: PageRequest) -> Result<Page<Alert>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.alerts.list(&caller, page).await)
}

/// One alert with what was read out of it and its bytes as text.
#[server(prefix = "/rpc", endpoint = "alerts/inspect", input = Json, output = Json, client = CorrelatedClient)]
pub async fn inspect_alert(id: AlertId) -> Result<AlertDetail, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.alerts.inspect(&caller, id).await)
}

/// Takes an alert that a person wrote, as the JSON document that is kept.
#[server(prefix = "/rpc", endpoint = "alerts/submit", input = Json, output = Json, client = CorrelatedClient)]
pub async fn submit_alert(document: String) -> Result<AlertReceipt, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.alerts.ingest(&caller, document.into_bytes()).await)
}
