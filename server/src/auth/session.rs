//! What a session holds, and how one begins, is confirmed and ends.

use std::convert::Infallible;

use api::people::{Authenticated, SessionHandle};
use api::{ApiError, Caller, ProblemCode};
use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use domain::id::UserId;
use domain::session;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::{Error as SessionError, Id, Record};
use tower_sessions::session_store::Error as StoreError;

/// Use is noted this often at most, so that reading does not write each time.
const NOTED_MS_MIN: i64 = 60 * 1000;
const KEY: &str = "signed_in";
/// Seconds that a caller should wait when the database does not answer.
const RETRY_S: u32 = 1;
/// What is kept of what a browser says of itself, in bytes.
const BROWSER_BYTES_MAX: usize = 256;

/// The content of a signed-in person's session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    pub user_id: UserId,
    pub signed_in_at: Timestamp,
    /// When the password was last given.
    pub authenticated_at: Timestamp,
    used_at: Timestamp,
    traces: Traces,
}

/// What a person recognises a session by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// The block of addresses.
    pub network: String,
    /// What the browser says of itself: unchecked text.
    pub browser: String,
}

impl Traces {
    /// Of a request with these headers, from this block of addresses.
    pub fn of(headers: &HeaderMap, network: String) -> Self {
        let browser = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { network, browser: shortened(browser, BROWSER_BYTES_MAX) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Traces {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let network = parts.extensions.get::<Caller>().map(|caller| caller.network.clone()).unwrap_or_default();
        Ok(Self::of(&parts.headers, network))
    }
}

impl SignIn {
    /// What a session's record holds, if somebody is signed in by it.
    pub fn of_record(record: &Record) -> Option<Self> {
        serde_json::from_value(record.data.get(KEY)?.clone()).ok()
    }

    /// When it was last used, to the minute, and by whom it is recognised.
    pub fn seen(&self) -> (Timestamp, &Traces) {
        (self.used_at, &self.traces)
    }
}

/// Begins a session under a new id.
pub async fn begin(session: &Session, authenticated: &Authenticated, traces: Traces) -> Result<(), ApiError> {
    let at = authenticated.at;
    session.cycle_id().await.map_err(broken)?;
    let content = SignIn { user_id: authenticated.user.id, signed_in_at: at, authenticated_at: at, used_at: at, traces };
    session.insert(KEY, content).await.map_err(broken)
}

/// Ends the session, in the browser and in the store.
pub async fn end(session: &Session) -> Result<(), ApiError> {
    session.flush().await.map_err(broken)
}

/// Who is signed in, unless the session is too old; notes the use now and then.
pub async fn find(session: &Session, now: Timestamp) -> Result<Option<SignIn>, ApiError> {
    let Some(content) = session.get::<SignIn>(KEY).await.map_err(broken)? else { return Ok(None) };
    if session::is_over(content.signed_in_at, now) {
        end(session).await?;
        return Ok(None);
    }
    if now.since_ms(content.used_at) > NOTED_MS_MIN {
        session.insert(KEY, SignIn { used_at: now, ..content.clone() }).await.map_err(broken)?;
    }
    Ok(Some(content))
}

/// The session of one request, for what a page does with it: a step-up, a new password, signing in again.
pub struct RequestSession {
    pub session: Session,
    pub traces: Traces,
}

#[async_trait]
impl SessionHandle for RequestSession {
    fn name(&self) -> String {
        name(&self.session).unwrap_or_default()
    }

    async fn renew(&self, authenticated: &Authenticated) -> Result<(), ApiError> {
        begin(&self.session, authenticated, self.traces.clone()).await?;
        self.session.save().await.map_err(broken)
    }

    async fn confirm(&self, at: Timestamp) -> Result<(), ApiError> {
        let Some(content) = self.session.get::<SignIn>(KEY).await.map_err(broken)? else {
            return Err(ApiError::new(ProblemCode::Unauthenticated, "the session has ended"));
        };
        self.session.insert(KEY, SignIn { authenticated_at: at, ..content }).await.map_err(broken)?;
        self.session.save().await.map_err(broken)
    }
}

/// The name of the session in the store: a digest, so that reading the database signs nobody in.
pub fn name(session: &Session) -> Option<String> {
    session.id().map(|id| stored_id(&id))
}

/// The same for a bare id.
pub fn stored_id(id: &Id) -> String {
    domain::digest::Digest::of(&id.0.to_be_bytes()).to_string()
}

/// A database that did not answer may do so the next time; a session that cannot be read will not be readable then either.
fn broken(error: SessionError) -> ApiError {
    tracing::error!(%error, "the session store failed");
    match error {
        SessionError::Store(StoreError::Backend(_)) => ApiError::overloaded(RETRY_S),
        _ => ApiError::new(ProblemCode::Internal, "the session could not be read or written"),
    }
}
