//! Incidents over REST.

use api::incidents::{IncidentDetail, IncidentPatch, IncidentQuery, IncidentView, MergeRequest, NoteRequest, TransitionRequest};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::id::{IncidentId, PlaybookId};
use domain::incident_filter::{IncidentSort, SortOrder};
use domain::note::Note;
use domain::plan::DigestedPlan;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::export;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

pub mod parameters;
mod row;

use parameters::{INCIDENT_PARAMETERS, IncidentParameters};

/// Incidents: those that pass the filters, sorted, a page at a time.
///
/// Of `state`, `severity`, `incident_type`, `verdict` and `source` several values may be given, by repeating the parameter or with
/// commas between them; one must hold. Of `tag` and `observable` all must. Everything else must hold as well.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", security(("key" = []), ("session" = [])), params(IncidentParameters),
    responses((status = 200, content((Page<IncidentView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &INCIDENT_PARAMETERS);
    let filter = query.incident_filter();
    let sort = query.optional("sort").unwrap_or(IncidentSort::CreatedAt);
    let order = query.optional("order").unwrap_or(SortOrder::Descending);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller, filter) = (backend.clone(), caller.clone(), filter.clone());
        async move { backend.incidents.list(&caller, IncidentQuery { filter, sort, order, page }).await }
    })
    .await
}

/// One incident with everything that belongs to it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", security(("key" = []), ("session" = [])), params(("id" = IncidentId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = IncidentDetail, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    let detail = backend.incidents.get(&caller, id).await?;
    known.answer_version(detail.incident.version, &detail)
}

/// Change title, analyst's notes, assignee, tags or verdict; what is absent stays. With `If-Match`, 412 if it has changed since.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}", tag = "incidents", security(("session" = [])), params(("id" = IncidentId, Path), ("If-Match" = Option<String>, Header)), request_body = IncidentPatch,
    responses((status = 200, body = IncidentView, headers(("ETag" = String))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn update(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    IfMatch(expected): IfMatch,
    JsonBody(patch): JsonBody<IncidentPatch>,
) -> Answer<Response> {
    let incident = backend.incidents.update(&caller, id, patch, expected).await?;
    etag::changed(incident.version, &incident)
}

/// Merge a duplicate into another incident: its alerts go there, and it is closed for good. Answers with the other incident.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/merge", tag = "incidents", security(("session" = [])), params(("id" = IncidentId, Path)), request_body = MergeRequest,
    responses((status = 200, body = IncidentView), (status = 409, description = "illegal-transition or run-active: one of the two cannot be merged as it is", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn merge(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<MergeRequest>,
) -> Answer<Json<IncidentView>> {
    Ok(Json(backend.incidents.merge(&caller, id, request).await?))
}

/// Move an incident by hand.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/transition", tag = "incidents", security(("session" = [])), params(("id" = IncidentId, Path)), request_body = TransitionRequest,
    responses((status = 200, body = IncidentView), (status = 409, description = "illegal-transition (allowed says where it may go) or run-active", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn transition(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<TransitionRequest>,
) -> Answer<Json<IncidentView>> {
    Ok(Json(backend.incidents.transition(&caller, id, request).await?))
}

/// Write a note.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/notes", tag = "incidents", security(("session" = [])), params(("id" = IncidentId, Path)), request_body = NoteRequest,
    responses((status = 201, body = Note), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn add_note(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    JsonBody(request): JsonBody<NoteRequest>,
) -> Answer<Created<Note>> {
    Ok(Created(backend.incidents.add_note(&caller, id, request).await?))
}

/// The plan that would run; nothing happens, nothing is stored.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/plan", tag = "incidents", security(("key" = []), ("session" = [])), params(("id" = IncidentId, Path), ("playbook_id" = Option<PlaybookId>, Query)),
    responses((status = 200, body = DigestedPlan), (status = 409, description = "no-playbook: none fits, or the incident was merged into another", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn plan(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    uri: Uri,
) -> Answer<Json<DigestedPlan>> {
    let mut query = QueryReader::new(&uri, &["playbook_id"]);
    let playbook_id = query.optional::<PlaybookId>("playbook_id");
    query.finish()?;
    Ok(Json(backend.incidents.plan(&caller, id, playbook_id).await?))
}
