//! Server functions about alerts.

use api::ApiError;
use api::alerts::AlertReceipt;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Takes an alert that a person wrote, as the JSON document that is kept.
#[server(prefix = "/rpc", endpoint = "alerts/submit", input = Json, client = CorrelatedClient)]
pub async fn submit_alert(document: String) -> Result<AlertReceipt, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.alerts.ingest(&caller, document.into_bytes()).await)
}
