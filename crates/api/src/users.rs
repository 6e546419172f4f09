//! Accounts of people as admins see and change them, and the one-time links by which people set their own password.

use async_trait::async_trait;
use domain::access::Role;
use domain::account::AccountSetting;
use domain::id::UserId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::people::UserView;
use crate::version::{ExpectedVersion, version_of};
use crate::{ApiError, Caller, Page, PageRequest};

/// An account as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountView {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
    pub password_changed_at: Timestamp,
    /// What was last set of it, by whom, and who confirmed that.
    pub settings: Vec<AccountSetting>,
    /// Somebody else set something of it, and nobody has confirmed that: until then it does not count as another person beside them.
    pub needs_confirmation: bool,
}

impl AccountView {
    /// What `If-Match` is about.
    #[must_use]
    pub fn version(&self) -> i64 {
        version_of(self)
    }
}

/// An account of which somebody else set something that nobody has confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnconfirmedAccount {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
    /// What is open.
    pub settings: Vec<AccountSetting>,
    /// Why the caller cannot confirm it; `null` if they can.
    pub why_not: Option<String>,
}

/// A person to be added.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUserRequest {
    /// 1 to 64 of a-z, 0-9 and `. _ -`; never changes.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{1,64}$"))]
    pub username: String,
    /// By default the user name.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 128, pattern = r"\S"))]
    pub display_name: Option<String>,
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub roles: Vec<Role>,
    /// 12 to 256 bytes; without it the answer holds a link by which the person sets their own.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub password: Option<String>,
}

/// A new account, and the link for its password if none was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCreated {
    pub user: AccountView,
    pub password_link: Option<LinkView>,
}

/// A one-time link. This is the only time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkView {
    /// Path and query on this server.
    pub path: String,
    pub expires_at: Timestamp,
}

/// What becomes different of an account; absent members stay.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 128, pattern = r"\S"))]
    pub display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub roles: Option<Vec<Role>>,
    /// `false` ends the person's sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// 12 to 256 bytes; ends the person's sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub password: Option<String>,
}

/// The first admin, by the link that `serve` printed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupRequest {
    /// The `token` of the link.
    pub token: String,
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{1,64}$"))]
    pub username: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 128, pattern = r"\S"))]
    pub display_name: Option<String>,
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub password: String,
}

/// A new password, by a link.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordByLink {
    /// The `token` of the link.
    pub token: String,
    #[cfg_attr(feature = "openapi", schema(format = Password, max_length = 256))]
    pub password: String,
}

/// These carry passwords or tokens: nothing of them is ever printed.
macro_rules! secretive {
    ($($name:ident)+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}

secretive! { NewUserRequest UserChange SetupRequest PasswordByLink }

/// What can be done with accounts.
#[async_trait]
pub trait Users: Send + Sync {
    /// Everybody, the newest account first.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<AccountView>, ApiError>;
    /// One account.
    async fn get(&self, caller: &Caller, id: UserId) -> Result<AccountView, ApiError>;
    /// Adds a person.
    async fn create(&self, caller: &Caller, request: NewUserRequest) -> Result<UserCreated, ApiError>;
    /// Changes an account; all that is wrong is told at once. `stale-version` if it is another one by now.
    async fn change(
        &self,
        caller: &Caller,
        id: UserId,
        change: UserChange,
        expected: ExpectedVersion,
    ) -> Result<AccountView, ApiError>;
    /// Makes a link by which this person sets their password; earlier ones no longer work.
    async fn make_password_link(&self, caller: &Caller, id: UserId) -> Result<LinkView, ApiError>;
    /// The accounts that wait for somebody's confirmation, by name.
    async fn list_unconfirmed(&self, caller: &Caller) -> Result<Vec<UnconfirmedAccount>, ApiError>;
    /// Says that an account is its owner's, whoever set it. `separation-of-duties` for whoever did.
    async fn confirm(&self, caller: &Caller, id: UserId) -> Result<AccountView, ApiError>;
    /// Makes the first admin; the link dies with it.
    async fn set_up(&self, caller: &Caller, request: SetupRequest) -> Result<UserView, ApiError>;
    /// Sets the password of the person whose link it is; ends their sessions.
    async fn set_password_by_link(&self, caller: &Caller, request: PasswordByLink) -> Result<UserView, ApiError>;
}
