//! Server functions about runs.

use api::runs::{ResolveRequest, RunRequest, RunRequested};
use api::text::Json;
use api::{ApiError, Page, PageRequest};
use domain::id::{IncidentId, PlaybookId, RunId, StepId};
use domain::run::Run;
use leptos::prelude::*;
use serde_json::Value;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Asks for a run of the proposed playbook, or of a named one.
#[server(prefix = "/rpc", endpoint = "runs/request", input = Json, output = Json, client = CorrelatedClient)]
pub async fn request_run(incident_id: IncidentId, request: RunRequest) -> Result<RunRequested, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.request(&caller, incident_id, request).await)
}

/// Runs, the newest first.
#[server(prefix = "/rpc", endpoint = "runs/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_runs(page: PageRequest) -> Result<Page<Run>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.list(&caller, page).await)
}

/// Runs of one playbook, the newest first.
#[server(prefix = "/rpc", endpoint = "runs/list-of-playbook", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_runs_of_playbook(id: PlaybookId, page: PageRequest) -> Result<Page<Run>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.list_of_playbook(&caller, id, page).await)
}

/// One run with its steps.
#[server(prefix = "/rpc", endpoint = "runs/get", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_run(id: RunId) -> Result<Run, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.get(&caller, id).await)
}

/// The plan that a run was asked for with.
#[server(prefix = "/rpc", endpoint = "runs/get-plan", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_run_plan(id: RunId) -> Result<Value, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.get_plan(&caller, id).await)
}

/// Stops before the next step; withdraws a waiting approval.
#[server(prefix = "/rpc", endpoint = "runs/cancel", input = Json, output = Json, client = CorrelatedClient)]
pub async fn cancel_run(id: RunId) -> Result<Run, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.cancel(&caller, id).await)
}

/// Says what happened in a step of unknown outcome.
#[server(prefix = "/rpc", endpoint = "runs/resolve-step", input = Json, output = Json, client = CorrelatedClient)]
pub async fn resolve_step(id: RunId, step: StepId, request: ResolveRequest) -> Result<Run, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.runs.resolve(&caller, id, step, request).await)
}
