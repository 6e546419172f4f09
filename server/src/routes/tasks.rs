//! Tasks of incidents over REST.

use api::Backend;
use api::incidents::{TaskPatch, TaskRequest};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::{IncidentId, TaskId};
use domain::task::Task;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;

/// Add a task.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/tasks", tag = "incidents", security(("session" = [])), params(("id" = String, Path)), request_body = TaskRequest,
    responses((status = 201, body = Task), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn add(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<TaskRequest>,
) -> Answer<(StatusCode, Json<Task>)> {
    Ok((StatusCode::CREATED, Json(backend.incidents.add_task(&caller, id, request).await?)))
}

/// Change a task: its title, its assignee, whether it is done.
#[utoipa::path(patch, path = "/api/v1/tasks/{id}", tag = "incidents", security(("session" = [])), params(("id" = String, Path)), request_body = TaskPatch,
    responses((status = 200, body = Task), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn update(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<TaskId>,
    JsonBody(patch): JsonBody<TaskPatch>,
) -> Answer<Json<Task>> {
    Ok(Json(backend.incidents.update_task(&caller, id, patch).await?))
}
