//! Server functions about health.

use api::ApiError;
use api::health::HealthReport;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// How the server's parts are now.
#[server(prefix = "/rpc", endpoint = "health/report", input = Json, client = CorrelatedClient)]
pub async fn get_health() -> Result<HealthReport, ApiError> {
    let (backend, _) = asked()?;
    reply(Ok(backend.health.report().await))
}
