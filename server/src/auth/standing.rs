//! A long answer goes on only as long as its caller may see what they might see when it began: a download that is under way ends with a
//! role, a scope, an account or a session that ends. The live stream looks for itself.

use std::time::Duration;

use api::{ApiError, Backend};
use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use domain::access::Actor;
use futures::{StreamExt as _, stream};
use tokio::time::Instant;

/// How long a caller's standing is relied upon.
const RELIED_UPON: Duration = Duration::from_secs(1);
const LIVE_STREAM: &str = "text/event-stream";

/// How a caller showed who they are.
#[derive(Clone, Debug)]
pub enum Credential {
    Key(String),
    /// The name of a session, which is not its secret.
    Session(String),
    Nothing,
}

/// A caller whose standing is looked at again.
#[derive(Clone)]
pub struct Standing {
    pub backend: Backend,
    pub credential: Credential,
    /// As it was when the request came.
    pub actor: Actor,
}

impl Standing {
    /// The answer, which breaks off when the caller's standing changes. One whose size is known already is as good as sent.
    pub fn hold(self, response: Response) -> Response {
        let is_live = response.headers().get(header::CONTENT_TYPE).is_some_and(is_live_stream);
        if is_live || response.body().size_hint().exact().is_some() || matches!(self.credential, Credential::Nothing) {
            return response;
        }
        response.map(|body| self.hold_body(body.into_data_stream()))
    }

    fn hold_body(self, chunks: BodyDataStream) -> Body {
        let state = Some((self, chunks, Instant::now()));
        let held = stream::unfold(state, |state| async {
            let (standing, mut chunks, looked_at) = state?;
            let looked_at = if looked_at.elapsed() < RELIED_UPON {
                looked_at
            } else if standing.is_unchanged().await {
                Instant::now()
            } else {
                return Some((Err(axum::Error::new(Changed)), None));
            };
            let chunk: Result<Bytes, axum::Error> = chunks.next().await?;
            Some((chunk, Some((standing, chunks, looked_at))))
        });
        // What compresses an answer asks once more after its end.
        Body::from_stream(held.fuse())
    }

    /// A store that does not answer ends nothing.
    async fn is_unchanged(&self) -> bool {
        self.looked_up().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a caller could not be looked up; trying again");
            true
        })
    }

    async fn looked_up(&self) -> Result<bool, ApiError> {
        Ok(match (&self.credential, &self.actor) {
            (Credential::Key(key), Actor::Key(was)) => self.backend.people.find_key_holder(key).await?.as_ref() == Some(was),
            (Credential::Session(name), Actor::User(was)) => {
                let holder = self.backend.sessions.find_holder(name).await?;
                holder.is_some_and(|holder| holder.roles == was.roles)
            }
            _ => true,
        })
    }
}

fn is_live_stream(kind: &HeaderValue) -> bool {
    kind.to_str().is_ok_and(|kind| kind.starts_with(LIVE_STREAM))
}

/// The caller may no longer see what they asked for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the caller's roles, scopes or session changed while the answer was under way")]
struct Changed;
