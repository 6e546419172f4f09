//! People and programs proving who they are. Cookies are the server's business.

use async_trait::async_trait;
use domain::access::{KeyHolder, Role, SignedIn};
use domain::id::UserId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller};

/// A person as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
}

/// The answer about a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub user: UserView,
}

/// A user name and password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credentials {
    pub username: String,
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub password: String,
}

/// The password again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepUp {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub password: String,
}

/// A new password of the signed-in person.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub old_password: String,
    /// 12 to 256 bytes.
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub new_password: String,
}

/// A proven sign-in: who, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    pub user: UserView,
    pub at: Timestamp,
}

/// What can be done about identity.
#[async_trait]
pub trait People: Send + Sync {
    /// Checks a password.
    async fn sign_in(&self, caller: &Caller, credentials: Credentials) -> Result<Authenticated, ApiError>;
    /// Checks the signed-in caller's password again.
    async fn step_up(&self, caller: &Caller, request: StepUp) -> Result<Authenticated, ApiError>;
    /// Changes the signed-in caller's password; every session of theirs ends, and the caller is to begin a new one.
    async fn change_password(&self, caller: &Caller, request: PasswordChange) -> Result<Authenticated, ApiError>;
    /// Records that the caller signed out.
    async fn sign_out(&self, caller: &Caller) -> Result<(), ApiError>;
    /// The caller, if a person.
    async fn current(&self, caller: &Caller) -> Result<UserView, ApiError>;
    /// The actor behind a session that was authenticated at this time; `None` if the account is disabled or its password newer.
    async fn find_signed_in(&self, id: UserId, authenticated_at: Timestamp) -> Result<Option<SignedIn>, ApiError>;
    /// The actor behind an API key; `None` if it is unknown, revoked or expired.
    async fn find_key_holder(&self, bearer: &str) -> Result<Option<KeyHolder>, ApiError>;
}

/// The session that a request came with; the server puts one into each request of a signed-in person.
#[async_trait]
pub trait SessionHandle: Send + Sync {
    /// The name of the session in the store; not the cookie's value.
    fn name(&self) -> String;
    /// Goes on as a new session, after the password was changed.
    async fn renew(&self, authenticated: &Authenticated) -> Result<(), ApiError>;
    /// The password was given again at this time.
    async fn confirm(&self, at: Timestamp) -> Result<(), ApiError>;
}
