//! What a session holds, and how one begins, is confirmed and ends.

use api::people::{Authenticated, SessionHandle};
use api::{ApiError, ProblemCode};
use async_trait::async_trait;
use domain::id::UserId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

/// A session ends this long after the sign-in, whatever happens in it.
const ABSOLUTE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
/// A session that nobody uses for this long ends.
pub const IDLE_S_MAX: i64 = 30 * 60;
/// Use is noted this often at most, so that reading does not write each time.
const NOTED_MS_MIN: i64 = 60 * 1000;
const KEY: &str = "signed_in";

/// The content of a signed-in person's session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SignIn {
    pub user_id: UserId,
    pub signed_in_at: Timestamp,
    /// When the password was last given.
    pub authenticated_at: Timestamp,
    used_at: Timestamp,
}

/// Begins a session under a new id.
pub async fn begin(session: &Session, authenticated: &Authenticated) -> Result<(), ApiError> {
    let at = authenticated.at;
    session.cycle_id().await.map_err(broken)?;
    let content = SignIn { user_id: authenticated.user.id, signed_in_at: at, authenticated_at: at, used_at: at };
    session.insert(KEY, content).await.map_err(broken)
}

/// Ends the session, in the browser and in the store.
pub async fn end(session: &Session) -> Result<(), ApiError> {
    session.flush().await.map_err(broken)
}

/// Who is signed in, unless the session is too old; notes the use now and then.
pub async fn find(session: &Session, now: Timestamp) -> Result<Option<SignIn>, ApiError> {
    let Some(content) = session.get::<SignIn>(KEY).await.map_err(broken)? else { return Ok(None) };
    if now.since_ms(content.signed_in_at) > ABSOLUTE_MS_MAX {
        end(session).await?;
        return Ok(None);
    }
    if now.since_ms(content.used_at) > NOTED_MS_MIN {
        session.insert(KEY, SignIn { used_at: now, ..content }).await.map_err(broken)?;
    }
    Ok(Some(content))
}

/// The session of one request, for a step-up from a page.
pub struct RequestSession(pub Session);

#[async_trait]
impl SessionHandle for RequestSession {
    async fn confirm(&self, at: Timestamp) -> Result<(), ApiError> {
        let Some(content) = self.0.get::<SignIn>(KEY).await.map_err(broken)? else {
            return Err(ApiError::new(ProblemCode::Unauthenticated, "the session has ended"));
        };
        self.0.insert(KEY, SignIn { authenticated_at: at, ..content }).await.map_err(broken)?;
        self.0.save().await.map_err(broken)
    }
}

fn broken(error: tower_sessions::session::Error) -> ApiError {
    tracing::error!(%error, "the session store failed");
    ApiError::new(ProblemCode::Internal, "the session could not be read or written")
}
