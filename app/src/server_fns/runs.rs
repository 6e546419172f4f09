//! Server functions about runs.

use api::ApiError;
use api::runs::{ResolveRequest, RunRequest, RunRequested};
use domain::id::{IncidentId, RunId, StepId};
use domain::run::Run;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Asks for a run of the proposed playbook, or of a named one.
#[server(prefix = "/rpc", endpoint = "runs/request", input = Json, client = CorrelatedClient)]
pub async fn request_run(incident_id: IncidentId, request: RunRequest) -> Result<RunRequested, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.request(&caller, incident_id, request).await)
}

/// Stops before the next step; withdraws a waiting approval.
#[server(prefix = "/rpc", endpoint = "runs/cancel", input = Json, client = CorrelatedClient)]
pub async fn cancel_run(id: RunId) -> Result<Run, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.cancel(&caller, id).await)
}

/// Says what happened in a step of unknown outcome.
#[server(prefix = "/rpc", endpoint = "runs/resolve-step", input = Json, client = CorrelatedClient)]
pub async fn resolve_step(id: RunId, step: StepId, request: ResolveRequest) -> Result<Run, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.resolve(&caller, id, step, request).await)
}
