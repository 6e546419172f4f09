//! API keys over REST, for admins.

use api::api_keys::{ApiKeyChange, ApiKeyCreated, ApiKeyView, NewApiKeyRequest};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use domain::id::ApiKeyId;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Every key without its secret, the newest first; revoked ones too.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "api-keys", security(("session" = [])), params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<ApiKeyView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<Page<ApiKeyView>>> {
    let mut query = QueryReader::new(&uri, &["limit", "cursor"]);
    let page = query.page();
    query.finish()?;
    Ok(Json(backend.api_keys.list(&caller, page).await?))
}

/// Make a key. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "api-keys", security(("session" = [])), request_body = NewApiKeyRequest,
    responses((status = 201, body = ApiKeyCreated), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    JsonBody(request): JsonBody<NewApiKeyRequest>,
) -> Answer<Created<ApiKeyCreated>> {
    Ok(Created(backend.api_keys.create(&caller, request).await?))
}

/// One key without its secret.
#[utoipa::path(get, path = "/api/v1/api-keys/{id}", tag = "api-keys", security(("session" = [])), params(("id" = ApiKeyId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = ApiKeyView, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ApiKeyId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    let key = backend.api_keys.get(&caller, id).await?;
    known.answer_version(key.version(), &key)
}

/// Change a key's name, scopes or end. With `If-Match`, 412 if it has changed since; that it was used does not count.
#[utoipa::path(patch, path = "/api/v1/api-keys/{id}", tag = "api-keys", security(("session" = [])), params(("id" = ApiKeyId, Path), ("If-Match" = Option<String>, Header)), request_body = ApiKeyChange,
    responses((status = 200, body = ApiKeyView, headers(("ETag" = String))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ApiKeyId>,
    IfMatch(expected): IfMatch,
    JsonBody(change): JsonBody<ApiKeyChange>,
) -> Answer<Response> {
    let key = backend.api_keys.change(&caller, id, change, expected).await?;
    etag::changed(key.version(), &key)
}

/// Revoke a key for ever; it stays in the list.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "api-keys", security(("session" = [])), params(("id" = ApiKeyId, Path)),
    responses((status = 200, body = ApiKeyView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn revoke(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ApiKeyId>,
) -> Answer<Json<ApiKeyView>> {
    Ok(Json(backend.api_keys.revoke(&caller, id).await?))
}
