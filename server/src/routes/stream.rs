//! The live stream as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use api::changes::{Change, StreamItem, StreamStart};
use api::{ApiError, Backend, Caller};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::access::Role;
use futures::{Stream, StreamExt as _};
use tower_sessions::Session;

use super::{Answer, RouteState};
use crate::auth::caller::Asked;
use crate::auth::session;
use crate::http::problem::ProblemBody;

/// How often a silent stream says that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often an open stream asks whether its session still lasts.
const SESSION_POLL: Duration = Duration::from_secs(1);
const LAST_EVENT_ID: &str = "last-event-id";

/// Follow what changes.
#[utoipa::path(get, path = "/api/v1/stream", tag = "stream", security(("session" = [])), params(("last-event-id" = Option<i64>, Header, minimum = 0)),
    responses((status = 200, body = Change, content_type = "text/event-stream"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn follow(
    State(state): State<RouteState>,
    State(backend): State<Backend>,
    Asked(caller): Asked,
    session: Session,
    headers: HeaderMap,
) -> Answer<Response> {
    let changes = backend.changes.follow(&caller, start(&headers)?).await?;
    let ended = session_ended(backend, session::name(&session).unwrap_or_default(), roles_of(&caller));
    let events = until(until(changes.map(event), ended), state.shutdown.cancelled_owned());
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn roles_of(caller: &Caller) -> Vec<Role> {
    caller.actor.as_user().map(|person| person.roles.clone()).unwrap_or_default()
}

/// Waits until the session has ended, on this replica or another, or its person may see other things than when the stream began. A store
/// that does not answer ends nothing.
async fn session_ended(backend: Backend, name: String, roles: Vec<Role>) {
    loop {
        tokio::time::sleep(SESSION_POLL).await;
        match backend.sessions.find_holder(&name).await {
            Ok(Some(holder)) if holder.roles == roles => {}
            Ok(_) => return,
            Err(error) => tracing::warn!(%error, "a session could not be looked up; trying again"),
        }
    }
}

fn start(headers: &HeaderMap) -> Result<StreamStart, ApiError> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(StreamStart::Now) };
    let seq = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).filter(|seq| *seq >= 0);
    seq.map(StreamStart::After)
        .ok_or_else(|| ApiError::invalid_field("/Last-Event-ID", "must be the id of an event of this stream"))
}

fn event(item: StreamItem) -> Result<Event, Infallible> {
    Ok(match item {
        StreamItem::Change(seq, change) => {
            Event::default().id(seq.to_string()).event("change").data(serde_json::to_string(&change).unwrap_or_default())
        }
        StreamItem::Gap(seq) => Event::default().id(seq.to_string()).event("gap").data("{}"),
    })
}

fn until<T>(stream: impl Stream<Item = T>, end: impl Future<Output = ()>) -> impl Stream<Item = T> {
    stream.take_until(end)
}
