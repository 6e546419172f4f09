//! Server functions about accounts, and about the links by which people set their own passwords.

use api::people::UserView;
use api::users::{
    AccountView, LinkView, NewUserRequest, PasswordByLink, SetupRequest, UnconfirmedAccount, UserChange, UserCreated,
};
use api::{ApiError, Page, PageRequest};
use domain::id::UserId;
use leptos::prelude::*;

use api::text::Json;
#[cfg(feature = "ssr")]
use api::version::ExpectedVersion;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// A page of everybody.
#[server(prefix = "/rpc", endpoint = "users/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_users(page: PageRequest) -> Result<Page<AccountView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.list(&caller, page).await)
}

/// Adds a person.
#[server(prefix = "/rpc", endpoint = "users/create", input = Json, output = Json, client = CorrelatedClient)]
pub async fn create_user(request: NewUserRequest) -> Result<UserCreated, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.create(&caller, request).await)
}

/// Changes an account.
#[server(prefix = "/rpc", endpoint = "users/change", input = Json, output = Json, client = CorrelatedClient)]
pub async fn change_user(id: UserId, change: UserChange) -> Result<AccountView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.change(&caller, id, change, ExpectedVersion::Any).await)
}

/// Makes a link by which this person sets their password.
#[server(prefix = "/rpc", endpoint = "users/make-password-link", input = Json, output = Json, client = CorrelatedClient)]
pub async fn make_password_link(id: UserId) -> Result<LinkView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.make_password_link(&caller, id).await)
}

/// The accounts that wait for somebody's confirmation.
#[server(prefix = "/rpc", endpoint = "users/list-unconfirmed", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_unconfirmed_users() -> Result<Vec<UnconfirmedAccount>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.list_unconfirmed(&caller).await)
}

/// Says that an account is its owner's.
#[server(prefix = "/rpc", endpoint = "users/confirm", input = Json, output = Json, client = CorrelatedClient)]
pub async fn confirm_user(id: UserId) -> Result<AccountView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.confirm(&caller, id).await)
}

/// Makes the first admin.
#[server(prefix = "/rpc", endpoint = "users/set-up", input = Json, output = Json)]
pub async fn set_up(request: SetupRequest) -> Result<UserView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.set_up(&caller, request).await)
}

/// Sets one's password by a link.
#[server(prefix = "/rpc", endpoint = "users/set-password-by-link", input = Json, output = Json)]
pub async fn set_password_by_link(request: PasswordByLink) -> Result<UserView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.users.set_password_by_link(&caller, request).await)
}
