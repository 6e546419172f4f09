//! Server functions about health.

use api::ApiError;
use api::health::HealthReport;
use api::text::Json;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// How the server's parts are now.
#[server(prefix = "/rpc", endpoint = "health/report", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_health() -> Result<HealthReport, ApiError> {
    let (backend, _) = asked()?;
    reply(Ok(backend.health.report().await))
}
