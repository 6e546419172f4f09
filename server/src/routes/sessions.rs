//! Sessions over REST: seen and ended, one's own by everybody, all of them by admins.

use api::sessions::{BrowserSession, SessionOwner};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use domain::digest::Digest;
use tower_sessions::Session;

use super::Answer;
use crate::auth::caller::Asked;
use crate::auth::session;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// One's own sessions, or everybody's; the newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", security(("session" = [])),
    params(("owner" = Option<SessionOwner>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<BrowserSession>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    session: Session,
    uri: Uri,
) -> Answer<Json<Page<BrowserSession>>> {
    let mut query = QueryReader::new(&uri, &["owner", "limit", "cursor"]);
    let owner = query.optional("owner").unwrap_or(SessionOwner::Me);
    let page = query.page();
    query.finish()?;
    let current = session::name(&session);
    Ok(Json(backend.sessions.list(&caller, current.as_deref(), owner, page).await?))
}

/// End all of one's sessions but this one.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "sessions", security(("session" = [])),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end_others(State(backend): State<Backend>, Asked(caller): Asked, session: Session) -> Answer<StatusCode> {
    backend.sessions.end_others(&caller, session::name(&session).as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End one session: one's own, or as an admin anybody's.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "sessions", security(("session" = [])), params(("id" = Digest, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<Digest>) -> Answer<StatusCode> {
    backend.sessions.end(&caller, &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}
