//! Server functions about incidents.

use api::incidents::{
    IncidentDetail, IncidentPatch, IncidentQuery, IncidentView, MergeRequest, NoteRequest, TaskPatch, TaskRequest,
    TransitionRequest,
};
use api::text::Json;
use api::version::ExpectedVersion;
use api::{ApiError, Page};
use domain::id::{IncidentId, PlaybookId, TaskId};
use domain::note::Note;
use domain::plan::DigestedPlan;
use domain::task::Task;
use domain::user::UserRef;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// The incidents that pass the filter.
#[server(prefix = "/rpc", endpoint = "incidents/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_incidents(query: IncidentQuery) -> Result<Page<IncidentView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.list(&caller, query).await)
}

/// One incident with everything that belongs to it.
#[server(prefix = "/rpc", endpoint = "incidents/get", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_incident(id: IncidentId) -> Result<IncidentDetail, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.get(&caller, id).await)
}

/// Moves an incident by hand.
#[server(prefix = "/rpc", endpoint = "incidents/transition", input = Json, output = Json, client = CorrelatedClient)]
pub async fn transition_incident(id: IncidentId, request: TransitionRequest) -> Result<IncidentView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.transition(&caller, id, request).await)
}

/// Changes title, analyst's notes, assignee, tags or verdict.
#[server(prefix = "/rpc", endpoint = "incidents/update", input = Json, output = Json, client = CorrelatedClient)]
pub async fn update_incident(id: IncidentId, patch: IncidentPatch, expected: ExpectedVersion) -> Result<IncidentView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.update(&caller, id, patch, expected).await)
}

/// Whom an incident may be assigned to.
#[server(prefix = "/rpc", endpoint = "incidents/assignees", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_assignees() -> Result<Vec<UserRef>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.assignees(&caller).await)
}

/// Adds a task.
#[server(prefix = "/rpc", endpoint = "incidents/add-task", input = Json, output = Json, client = CorrelatedClient)]
pub async fn add_task(id: IncidentId, request: TaskRequest) -> Result<Task, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.add_task(&caller, id, request).await)
}

/// Changes a task.
#[server(prefix = "/rpc", endpoint = "incidents/update-task", input = Json, output = Json, client = CorrelatedClient)]
pub async fn update_task(id: TaskId, patch: TaskPatch) -> Result<Task, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.update_task(&caller, id, patch, ExpectedVersion::Any).await)
}

/// Merges a duplicate into another incident; answers with that one.
#[server(prefix = "/rpc", endpoint = "incidents/merge", input = Json, output = Json, client = CorrelatedClient)]
pub async fn merge_incident(id: IncidentId, request: MergeRequest) -> Result<IncidentView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.merge(&caller, id, request).await)
}

/// Writes a note.
#[server(prefix = "/rpc", endpoint = "incidents/add-note", input = Json, output = Json, client = CorrelatedClient)]
pub async fn add_note(id: IncidentId, request: NoteRequest) -> Result<Note, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.add_note(&caller, id, request).await)
}

/// The plan that would run: of this playbook, or of the one that is proposed.
#[server(prefix = "/rpc", endpoint = "incidents/plan", input = Json, output = Json, client = CorrelatedClient)]
pub async fn plan_incident(id: IncidentId, playbook_id: Option<PlaybookId>) -> Result<DigestedPlan, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.incidents.plan(&caller, id, playbook_id).await)
}
