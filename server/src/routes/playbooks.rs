//! Playbooks over REST.

use api::playbooks::PlaybookView;
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use domain::id::PlaybookId;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;

/// All playbooks in force.
#[utoipa::path(get, path = "/api/v1/playbooks", tag = "playbooks", security(("key" = []), ("session" = [])),
    responses((status = 200, body = Page<PlaybookView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<Page<PlaybookView>>> {
    Ok(Json(backend.playbooks.list(&caller).await?))
}

/// One playbook in force.
#[utoipa::path(get, path = "/api/v1/playbooks/{id}", tag = "playbooks", security(("key" = []), ("session" = [])), params(("id" = String, Path)),
    responses((status = 200, body = PlaybookView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<PlaybookId>,
) -> Answer<Json<PlaybookView>> {
    Ok(Json(backend.playbooks.get(&caller, id).await?))
}
