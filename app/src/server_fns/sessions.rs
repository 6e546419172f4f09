//! Server functions about sessions: seen, and ended.

use api::sessions::{BrowserSession, SessionOwner};
use api::text::Json;
use api::{ApiError, Page, PageRequest};
use domain::digest::Digest;
use domain::id::UserId;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply, session_name};
use crate::correlated_client::CorrelatedClient;

/// A page of one's own sessions, or of everybody's.
#[server(prefix = "/rpc", endpoint = "sessions/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_sessions(owner: SessionOwner, page: PageRequest) -> Result<Page<BrowserSession>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.sessions.list(&caller, session_name().as_deref(), owner, page).await)
}

/// Ends one session.
#[server(prefix = "/rpc", endpoint = "sessions/end", input = Json, output = Json, client = CorrelatedClient)]
pub async fn end_session(id: Digest) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.sessions.end(&caller, &id.to_string()).await)
}

/// Ends all of one's sessions but this one.
#[server(prefix = "/rpc", endpoint = "sessions/end-others", input = Json, output = Json, client = CorrelatedClient)]
pub async fn end_other_sessions() -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.sessions.end_others(&caller, session_name().as_deref()).await)
}

/// Ends all sessions of a person.
#[server(prefix = "/rpc", endpoint = "sessions/end-of-user", input = Json, output = Json, client = CorrelatedClient)]
pub async fn end_sessions_of_user(id: UserId) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.sessions.end_of_user(&caller, id).await)
}
