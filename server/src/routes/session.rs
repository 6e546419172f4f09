//! The session over REST: sign in, who am I, sign out, confirm again.

use api::people::{Credentials, PasswordChange, SessionHandle as _, SessionView, StepUp};
use api::{ApiError, Backend, ProblemCode};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::Answer;
use crate::auth::caller::{Asked, AskedByAnyone};
use crate::auth::session::{self, RequestSession, Traces};
use crate::http::body::JsonBody;
use crate::http::problem::ProblemBody;

/// Sign in.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = Credentials,
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_in(
    State(backend): State<Backend>,
    AskedByAnyone(caller): AskedByAnyone,
    session: Session,
    traces: Traces,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Answer<Json<SessionView>> {
    let authenticated = backend.people.sign_in(&caller, credentials).await?;
    session::begin(&session, &authenticated, traces).await?;
    Ok(Json(SessionView { user: authenticated.user }))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", security(("session" = [])),
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn current(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<SessionView>> {
    Ok(Json(SessionView { user: backend.people.current(&caller).await? }))
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", security(("session" = [])),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_out(State(backend): State<Backend>, Asked(caller): Asked, session: Session) -> Answer<StatusCode> {
    backend.people.sign_out(&caller).await?;
    session::end(&session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give the password again, before a decision.
#[utoipa::path(post, path = "/api/v1/session/step-up", tag = "session", security(("session" = [])), request_body = StepUp,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn step_up(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    session: Session,
    traces: Traces,
    JsonBody(request): JsonBody<StepUp>,
) -> Answer<StatusCode> {
    if caller.actor.as_user().is_none() {
        return Err(ApiError::new(ProblemCode::Unauthenticated, "only a signed-in person can confirm").into());
    }
    let authenticated = backend.people.step_up(&caller, request).await?;
    RequestSession { session, traces }.confirm(authenticated.at).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's own password; every other session of the person ends, and this one goes on under a new cookie.
#[utoipa::path(post, path = "/api/v1/session/password", tag = "session", security(("session" = [])), request_body = PasswordChange,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change_password(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    session: Session,
    traces: Traces,
    JsonBody(request): JsonBody<PasswordChange>,
) -> Answer<StatusCode> {
    let authenticated = backend.people.change_password(&caller, request).await?;
    session::begin(&session, &authenticated, traces).await?;
    Ok(StatusCode::NO_CONTENT)
}
