//! Turns a session cookie or an API key into the [`Caller`] that routes and server functions read from the request.

use std::sync::Arc;

use api::people::SessionHandle;
use api::{ApiError, Backend, Caller, ProblemCode};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::access::{Actor, Denied};
use domain::id::CorrelationId;
use service::clock::Clock;
use tower_sessions::Session;

use super::network::TrustedProxies;
use super::session::{self, RequestSession, Traces};
use super::standing::{Credential, Standing};
use crate::http::problem::Problem;

/// What the middleware needs.
#[derive(Clone)]
pub struct Gate {
    pub backend: Backend,
    pub clock: Clock,
    pub trusted_proxies: TrustedProxies,
}

/// Was the actor proven by a cookie, which browsers send by themselves, or by a header, which they do not?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Header,
    CookieOrNothing,
}

/// Puts the [`Caller`], the [`Proof`] and, unless a header proved somebody, the session's handle into the request.
pub async fn identify(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let proof = if request.headers().contains_key(header::AUTHORIZATION) { Proof::Header } else { Proof::CookieOrNothing };
    let actor = match proof {
        Proof::Header => {
            let header = request.headers().get(header::AUTHORIZATION).cloned();
            actor_of_header(&gate, header).await
        }
        Proof::CookieOrNothing => {
            let session = request.extensions().get::<Session>().cloned();
            actor_of_session(&gate, session).await
        }
    };
    let actor = match actor {
        Ok(actor) => actor,
        Err(error) => return Problem(error).into_response(),
    };
    let Some(correlation_id) = request.extensions().get::<CorrelationId>().cloned() else {
        return Problem(ApiError::new(ProblemCode::Internal, "the request has no correlation id")).into_response();
    };
    let (mut parts, body) = request.into_parts();
    let network = gate.trusted_proxies.network(&parts);
    if let (Proof::CookieOrNothing, Some(session)) = (proof, parts.extensions.get::<Session>().cloned()) {
        let traces = Traces::of(&parts.headers, network.clone());
        let handle: Arc<dyn SessionHandle> = Arc::new(RequestSession { session, traces });
        parts.extensions.insert(handle);
    }
    let credential = credential_of(proof, &parts);
    let standing = Standing { backend: gate.backend.clone(), credential, actor: actor.clone() };
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(Caller { actor, correlation_id, network, claim: None });
    request.extensions_mut().insert(proof);
    standing.hold(next.run(request).await)
}

/// What the caller's standing is looked up by while the answer is under way.
fn credential_of(proof: Proof, parts: &Parts) -> Credential {
    match proof {
        Proof::Header => bearer(parts.headers.get(header::AUTHORIZATION)).map_or(Credential::Nothing, Credential::Key),
        Proof::CookieOrNothing => {
            let name = parts.extensions.get::<Session>().and_then(session::name);
            name.map_or(Credential::Nothing, Credential::Session)
        }
    }
}

async fn actor_of_header(gate: &Gate, header: Option<HeaderValue>) -> Result<Actor, ApiError> {
    let Some(key) = bearer(header.as_ref()) else { return Ok(Actor::Anonymous) };
    Ok(gate.backend.people.find_key_holder(&key).await?.map_or(Actor::Anonymous, Actor::Key))
}

/// The key in this header.
fn bearer(header: Option<&HeaderValue>) -> Option<String> {
    let (scheme, key) = header?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
}

async fn actor_of_session(gate: &Gate, session: Option<Session>) -> Result<Actor, ApiError> {
    let Some(session) = session else { return Ok(Actor::Anonymous) };
    let Some(content) = session::find(&session, gate.clock.now()).await? else { return Ok(Actor::Anonymous) };
    let Some(person) = gate.backend.people.find_signed_in(content.user_id, content.authenticated_at).await? else {
        session::end(&session).await?;
        return Ok(Actor::Anonymous);
    };
    Ok(Actor::User(person))
}

/// Who asks: a person or a key. Nobody is refused before the body is looked at.
pub struct Asked(pub Caller);

/// Who asks, or nobody: for signing in.
pub struct AskedByAnyone(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for AskedByAnyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or_else(|| ApiError::new(ProblemCode::Internal, "the caller was not identified").into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let AskedByAnyone(caller) = AskedByAnyone::from_request_parts(parts, state).await?;
        if caller.actor == Actor::Anonymous { Err(ApiError::from(Denied::SignInFirst).into()) } else { Ok(Self(caller)) }
    }
}
