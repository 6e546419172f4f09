//! Tasks of incidents over REST.

use api::Backend;
use api::incidents::{TaskPatch, TaskRequest};
use api::version::version_of;
use axum::extract::State;
use axum::response::Response;
use domain::id::{IncidentId, TaskId};
use domain::task::Task;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::etag::{self, IfMatch};
use crate::http::names::Named;
use crate::http::problem::ProblemBody;

/// Add a task.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/tasks", tag = "incidents", security(("session" = [])), params(("id" = IncidentId, Path)), request_body = TaskRequest,
    responses((status = 201, body = Task), (status = 409, description = "illegal-transition: the incident is closed", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn add(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<TaskRequest>,
) -> Answer<Created<Task>> {
    Ok(Created(backend.incidents.add_task(&caller, id, request).await?))
}

/// Change a task: its title, its assignee, whether it is done. With `If-Match`, 412 if it has changed since.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "incidents", security(("session" = [])), params(("id" = TaskId, Path), ("If-Match" = Option<String>, Header)), request_body = TaskPatch,
    responses((status = 200, body = Task, headers(("ETag" = String))), (status = 409, description = "illegal-transition: the incident is closed", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn update(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<TaskId>,
    IfMatch(expected): IfMatch,
    JsonBody(patch): JsonBody<TaskPatch>,
) -> Answer<Response> {
    let task = backend.incidents.update_task(&caller, id, patch, expected).await?;
    etag::changed(version_of(&task), &task)
}
