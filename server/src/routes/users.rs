//! Accounts over REST: for admins; the first one, and one's own password, by a link.

use api::people::{SessionView, UserView};
use api::users::{
    AccountView, LinkView, NewUserRequest, PasswordByLink, SetupRequest, UnconfirmedAccount, UserChange, UserCreated,
};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::id::UserId;

use super::Answer;
use crate::auth::caller::{Asked, AskedByAnyone};
use crate::http::body::JsonBody;
use crate::http::created::Created;
use crate::http::etag::{self, IfMatch, IfNoneMatch};
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Everybody, the newest account first.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", security(("session" = [])), params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AccountView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<Page<AccountView>>> {
    let mut query = QueryReader::new(&uri, &["limit", "cursor"]);
    let page = query.page();
    query.finish()?;
    Ok(Json(backend.users.list(&caller, page).await?))
}

/// Add a person; without a password the answer holds a link by which they set their own.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", security(("session" = [])), request_body = NewUserRequest,
    responses((status = 201, body = UserCreated), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    JsonBody(request): JsonBody<NewUserRequest>,
) -> Answer<Created<UserCreated>> {
    Ok(Created(backend.users.create(&caller, request).await?))
}

/// One account.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", security(("session" = [])), params(("id" = UserId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = AccountView, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<UserId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    let account = backend.users.get(&caller, id).await?;
    known.answer_version(account.version(), &account)
}

/// Change a name, roles or password; disable or enable. With `If-Match`, 412 if it has changed since.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", security(("session" = [])), params(("id" = UserId, Path), ("If-Match" = Option<String>, Header)), request_body = UserChange,
    responses((status = 200, body = AccountView, headers(("ETag" = String))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<UserId>,
    IfMatch(expected): IfMatch,
    JsonBody(change): JsonBody<UserChange>,
) -> Answer<Response> {
    let account = backend.users.change(&caller, id, change, expected).await?;
    etag::changed(account.version(), &account)
}

/// A one-time link by which the person sets a new password; earlier links no longer work.
#[utoipa::path(post, path = "/api/v1/users/{id}/password-link", tag = "users", security(("session" = [])), params(("id" = UserId, Path)),
    responses((status = 201, body = LinkView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn make_password_link(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<UserId>,
) -> Answer<(StatusCode, Json<LinkView>)> {
    Ok((StatusCode::CREATED, Json(backend.users.make_password_link(&caller, id).await?)))
}

/// The accounts that wait for somebody's confirmation: for approvers and admins.
#[utoipa::path(get, path = "/api/v1/users/unconfirmed", tag = "users", security(("session" = [])),
    responses((status = 200, body = Vec<UnconfirmedAccount>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_unconfirmed(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Json<Vec<UnconfirmedAccount>>> {
    Ok(Json(backend.users.list_unconfirmed(&caller).await?))
}

/// Say that an account is its owner's, whoever set its roles or its password: for an approver or admin who did not.
#[utoipa::path(post, path = "/api/v1/users/{id}/confirm", tag = "users", security(("session" = [])), params(("id" = UserId, Path)),
    responses((status = 200, body = AccountView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn confirm(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<UserId>,
) -> Answer<Json<AccountView>> {
    Ok(Json(backend.users.confirm(&caller, id).await?))
}

/// End every session of a person.
#[utoipa::path(delete, path = "/api/v1/users/{id}/sessions", tag = "users", security(("session" = [])), params(("id" = UserId, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end_sessions(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<UserId>) -> Answer<StatusCode> {
    backend.sessions.end_of_user(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make the first admin, by the link that `serve` printed.
#[utoipa::path(post, path = "/api/v1/setup", tag = "users", security(()), request_body = SetupRequest,
    responses((status = 201, body = UserView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn set_up(
    State(backend): State<Backend>,
    AskedByAnyone(caller): AskedByAnyone,
    JsonBody(request): JsonBody<SetupRequest>,
) -> Answer<(StatusCode, Json<UserView>)> {
    Ok((StatusCode::CREATED, Json(backend.users.set_up(&caller, request).await?)))
}

/// Set one's password by a link.
#[utoipa::path(post, path = "/api/v1/password", tag = "users", security(()), request_body = PasswordByLink,
    responses((status = 200, body = SessionView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn set_password(
    State(backend): State<Backend>,
    AskedByAnyone(caller): AskedByAnyone,
    JsonBody(request): JsonBody<PasswordByLink>,
) -> Answer<Json<SessionView>> {
    Ok(Json(SessionView { user: backend.users.set_password_by_link(&caller, request).await? }))
}
