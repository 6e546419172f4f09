//! Saved views over REST: a person's own.

use api::saved_views::SavedViewRequest;
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::ViewId;
use domain::saved_view::SavedView;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;

/// Your saved views, by name.
#[utoipa::path(get, path = "/api/v1/views", tag = "views", security(("session" = [])),
    responses((status = 200, body = Page<SavedView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<Page<SavedView>>> {
    Ok(Json(backend.saved_views.list(&caller).await?))
}

/// Keep a list of incidents under a name.
#[utoipa::path(post, path = "/api/v1/views", tag = "views", security(("session" = [])), request_body = SavedViewRequest,
    responses((status = 201, body = SavedView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    JsonBody(request): JsonBody<SavedViewRequest>,
) -> Answer<Created<SavedView>> {
    Ok(Created(backend.saved_views.create(&caller, request).await?))
}

/// Replace what is kept under this id.
#[utoipa::path(put, path = "/api/v1/views/{id}", tag = "views", security(("session" = [])), params(("id" = ViewId, Path)), request_body = SavedViewRequest,
    responses((status = 200, body = SavedView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn replace(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ViewId>,
    JsonBody(request): JsonBody<SavedViewRequest>,
) -> Answer<Json<SavedView>> {
    Ok(Json(backend.saved_views.replace(&caller, id, request).await?))
}

/// Keep it no longer.
#[utoipa::path(delete, path = "/api/v1/views/{id}", tag = "views", security(("session" = [])), params(("id" = ViewId, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn remove(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<ViewId>) -> Answer<StatusCode> {
    backend.saved_views.remove(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
