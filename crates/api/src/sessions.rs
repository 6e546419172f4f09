//! Sessions of signed-in people: seen, ended, and watched. Cookies are the server's business.

use async_trait::async_trait;
use domain::access::SignedIn;
use domain::id::UserId;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use domain::word_enum;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller, Page, PageRequest};

/// A session as people recognise it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrowserSession {
    /// 64 lower-case hexadecimal digits; not the cookie's value.
    pub id: String,
    pub user: UserRef,
    pub created_at: Timestamp,
    /// To the minute.
    pub seen_at: Timestamp,
    /// When it ends if it is not used until then.
    pub expires_at: Timestamp,
    /// The block of addresses (/24 or /48) that it began from.
    pub network: String,
    /// What its browser said of itself: unchecked text.
    pub browser: String,
    /// Is it the one that this request came with?
    pub current: bool,
}

word_enum! {
    /// Whose sessions are listed.
    SessionOwner {
        Me = "me",
        Everybody = "everybody",
    }
}

/// What can be done with sessions. `current` names the session that the request came with.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The caller's, or everybody's; the newest first.
    async fn list(
        &self,
        caller: &Caller,
        current: Option<&str>,
        owner: SessionOwner,
        page: PageRequest,
    ) -> Result<Page<BrowserSession>, ApiError>;
    /// Ends one session: one's own, or as an admin anybody's.
    async fn end(&self, caller: &Caller, id: &str) -> Result<(), ApiError>;
    /// Ends all sessions of the caller but the current one.
    async fn end_others(&self, caller: &Caller, current: Option<&str>) -> Result<(), ApiError>;
    /// Ends all sessions of a person.
    async fn end_of_user(&self, caller: &Caller, user_id: UserId) -> Result<(), ApiError>;
    /// Who is signed in by this session now; `None` once it has ended or its account is disabled.
    async fn find_holder(&self, id: &str) -> Result<Option<SignedIn>, ApiError>;
}
