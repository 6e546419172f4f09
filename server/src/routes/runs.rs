//! Runs over REST.

use api::page::ListFormat;
use api::runs::{ResolveRequest, RunRequest, RunRequested};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::id::{IncidentId, RunId, StepId};
use domain::run::Run;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::etag::IfNoneMatch;
use crate::http::export;
use crate::http::names::{Named, NamedStep};
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Ask for a run.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/run", tag = "runs", security(("session" = [])), params(("id" = IncidentId, Path)), request_body = RunRequest,
    responses((status = 202, body = RunRequested), (status = 409, description = "run-active, no-playbook or plan-changed", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn request(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<RunRequest>,
) -> Answer<Created<RunRequested>> {
    Ok(Created(backend.runs.request(&caller, id, request).await?))
}

/// Runs, the newest first.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", security(("key" = []), ("session" = [])), params(("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<Run> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &["format", "limit", "cursor"]);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller) = (backend.clone(), caller.clone());
        async move { backend.runs.list(&caller, page).await }
    })
    .await
}

/// One run with its steps.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", security(("key" = []), ("session" = [])), params(("id" = RunId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = Run, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<RunId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    known.answer(&backend.runs.get(&caller, id).await?)
}

/// Stop before the next step; withdraw a waiting approval.
#[utoipa::path(post, path = "/api/v1/runs/{id}/cancel", tag = "runs", security(("session" = [])), params(("id" = RunId, Path)),
    responses((status = 200, body = Run), (status = 409, description = "not-pending: the run has ended", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn cancel(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<RunId>) -> Answer<Json<Run>> {
    Ok(Json(backend.runs.cancel(&caller, id).await?))
}

/// Say what happened in a step whose outcome is unknown.
#[utoipa::path(post, path = "/api/v1/runs/{id}/steps/{step}/resolve", tag = "runs", security(("session" = [])), params(("id" = RunId, Path), ("step" = StepId, Path)), request_body = ResolveRequest,
    responses((status = 200, body = Run), (status = 409, description = "not-pending: the outcome of the step is not in question", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn resolve(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    NamedStep(id, step): NamedStep<RunId, StepId>,
    JsonBody(request): JsonBody<ResolveRequest>,
) -> Answer<Json<Run>> {
    Ok(Json(backend.runs.resolve(&caller, id, step, request).await?))
}
