//! Playbooks over REST.

use api::page::ListFormat;
use api::playbooks::{
    PlaybookComparison, PlaybookDetail, PlaybookUploaded, PlaybookValidation, PlaybookVersionDetail, PlaybookVersionView,
    PlaybookView,
};
use api::{ApiError, Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use domain::digest::Digest;
use domain::id::PlaybookId;
use serde_json::Value;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::YamlBytes;
use crate::http::etag::IfNoneMatch;
use crate::http::export;
use crate::http::names::{Named, NamedStep};
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// The playbooks in force, by id.
#[utoipa::path(get, path = "/api/v1/playbooks", tag = "playbooks", security(("key" = []), ("session" = [])), params(("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<PlaybookView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &["format", "limit", "cursor"]);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller) = (backend.clone(), caller.clone());
        async move { backend.playbooks.list(&caller, page).await }
    })
    .await
}

/// One playbook in force, with its text, its newest versions and its newest runs.
#[utoipa::path(get, path = "/api/v1/playbooks/{id}", tag = "playbooks", security(("key" = []), ("session" = [])), params(("id" = PlaybookId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = PlaybookDetail, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<PlaybookId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    known.answer(&backend.playbooks.get(&caller, id).await?)
}

/// Put a new version in force, or an earlier one again.
#[utoipa::path(put, path = "/api/v1/playbooks/{id}", tag = "playbooks", security(("session" = [])), params(("id" = PlaybookId, Path)),
    request_body(content = Value, content_type = "application/yaml", description = "At most 64 KiB of YAML; what a playbook is made of is at /api/v1/playbooks/schema"),
    responses((status = 201, body = PlaybookUploaded, description = "A new version"), (status = 200, body = PlaybookUploaded, description = "This version was on record already"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn upload(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<PlaybookId>,
    YamlBytes(source): YamlBytes,
) -> Answer<Response> {
    let uploaded = backend.playbooks.upload(&caller, id, source).await?;
    let status = if uploaded.known { StatusCode::OK } else { StatusCode::CREATED };
    let location = format!("/api/v1/playbooks/{}/versions/{}", uploaded.id, uploaded.digest);
    Ok((status, [(header::LOCATION, location)], Json(uploaded)).into_response())
}

/// Check a document without storing it: every fault with its line and column.
#[utoipa::path(post, path = "/api/v1/playbooks/validate", tag = "playbooks", security(("key" = []), ("session" = [])),
    request_body(content = Value, content_type = "application/yaml", description = "At most 64 KiB of YAML; what a playbook is made of is at /api/v1/playbooks/schema"),
    responses((status = 200, body = PlaybookValidation), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn validate(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    YamlBytes(source): YamlBytes,
) -> Answer<Json<PlaybookValidation>> {
    Ok(Json(backend.playbooks.validate(&caller, source).await?))
}

/// The stored versions, the newest first.
#[utoipa::path(get, path = "/api/v1/playbooks/{id}/versions", tag = "playbooks", security(("key" = []), ("session" = [])), params(("id" = PlaybookId, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<PlaybookVersionView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn versions(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<PlaybookId>,
    uri: Uri,
) -> Answer<Json<Page<PlaybookVersionView>>> {
    let mut query = QueryReader::new(&uri, &["limit", "cursor"]);
    let page = query.page();
    query.finish()?;
    Ok(Json(backend.playbooks.versions(&caller, id, page).await?))
}

/// One stored version with its content.
#[utoipa::path(get, path = "/api/v1/playbooks/{id}/versions/{digest}", tag = "playbooks", security(("key" = []), ("session" = [])), params(("id" = PlaybookId, Path), ("digest" = Digest, Path)),
    responses((status = 200, body = PlaybookVersionDetail), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn version(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    NamedStep(id, digest): NamedStep<PlaybookId, Digest>,
) -> Answer<Json<PlaybookVersionDetail>> {
    Ok(Json(backend.playbooks.version(&caller, id, digest).await?))
}

/// How two stored versions differ, by steps and rules, and by lines.
#[utoipa::path(get, path = "/api/v1/playbooks/{id}/compare", tag = "playbooks", security(("key" = []), ("session" = [])),
    params(("id" = PlaybookId, Path), ("from" = Digest, Query), ("to" = Digest, Query)),
    responses((status = 200, body = PlaybookComparison), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn compare(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<PlaybookId>,
    uri: Uri,
) -> Answer<Json<PlaybookComparison>> {
    let mut query = QueryReader::new(&uri, &["from", "to"]);
    let (from, to): (Option<Digest>, Option<Digest>) = (query.optional("from"), query.optional("to"));
    query.finish()?;
    let (Some(from), Some(to)) = (from, to) else {
        return Err(ApiError::invalid_field(if from.is_none() { "/from" } else { "/to" }, "is required").into());
    };
    Ok(Json(backend.playbooks.compare(&caller, id, (from, to)).await?))
}

/// The JSON Schema (draft 2020-12) of a playbook.
#[utoipa::path(get, path = "/api/v1/playbooks/schema", tag = "playbooks", security(("key" = []), ("session" = [])),
    responses((status = 200, body = Object, content_type = "application/json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn schema(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<Value>> {
    Ok(Json(backend.playbooks.schema(&caller).await?))
}

/// Every action that a step can take, with its risk, its parameters and its output.
#[utoipa::path(get, path = "/api/v1/playbooks/actions", tag = "playbooks", security(("key" = []), ("session" = [])),
    responses((status = 200, body = [Object], content_type = "application/json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn actions(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<Value>> {
    Ok(Json(backend.playbooks.actions(&caller).await?))
}
