//! The whole of HTTP on one screen: routes, pages, files, and the layers around them, outermost last.

use std::sync::Arc;

use api::{Backend, ProblemCode};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use domain::session::IDLE_S_MAX;
use leptos_axum::LeptosRoutes as _;
use service::clock::Clock;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

use crate::auth::caller::{self, Gate};
use crate::auth::cross_origin;
use crate::auth::network::TrustedProxies;
use crate::http::headers::Transport;
use crate::http::idempotency::{self, Repeats};
use crate::http::limits::TimeLimits;
use crate::http::problem::Problem;
use crate::http::rate_limit::{self, RateLimits};
use crate::http::strict_query::{self, Queried};
use crate::http::{assets, correlation, headers, limits, measuring, problem};
use crate::routes::{self, RouteState, description, docs, document, sign_in};
use crate::ssr;

/// What the router is made of.
pub struct Parts<S> {
    pub backend: Backend,
    pub clock: Clock,
    pub sessions: S,
    pub transport: Transport,
    pub trusted_proxies: TrustedProxies,
    pub rate_limits: RateLimits,
    pub time_limits: TimeLimits,
    pub shutdown: CancellationToken,
}

/// Everything that the server answers.
pub fn router<S: SessionStore + Clone>(parts: Parts<S>) -> Router {
    let state = RouteState { backend: parts.backend.clone(), clock: parts.clock, shutdown: parts.shutdown };
    let (rest, mut described) = routes::rest().split_for_parts();
    description::complete(&mut described);
    let queried = Queried::of(&described);
    let document = document::served(described);
    let gate = Gate { backend: parts.backend.clone(), clock: parts.clock, trusted_proxies: parts.trusted_proxies };
    rest.route("/api/v1/openapi.json", get(move || document::answer(document.clone())))
        .merge(comparisons())
        .with_state(state)
        .route_layer(from_fn_with_state(Repeats::new(Arc::clone(&parts.backend.answers)), idempotency::once))
        .route_layer(from_fn_with_state(queried, strict_query::refuse_unread))
        .merge(forms(&parts.backend))
        .merge(pages(&parts.backend))
        .layer(from_fn(cross_origin::refuse_other_sites))
        .layer(from_fn_with_state(parts.rate_limits, rate_limit::limit))
        .layer(from_fn_with_state(gate, caller::identify))
        .layer(session_layer(parts.sessions, parts.transport))
        .route("/pkg/{*path}", get(assets::serve))
        .merge(docs::pages())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(parts.time_limits, limits::in_time))
        .layer(from_fn(problem::render))
        .layer(
            CompressionLayer::new().compress_when(
                DefaultPredicate::new().and(NotForContentType::SSE).and(NotForContentType::new("application/wasm")),
            ),
        )
        .layer(from_fn_with_state(parts.transport, headers::secure))
        .layer(from_fn(measuring::count))
        .layer(from_fn_with_state(parts.clock, correlation::assign))
}

/// What a benchmark compares with; not in a build that is meant for use.
fn comparisons() -> Router<RouteState> {
    #[cfg(feature = "bench")]
    return Router::new().route("/bench/bare", post(routes::bare::answer));
    #[cfg(not(feature = "bench"))]
    Router::new()
}

fn forms(backend: &Backend) -> Router {
    Router::new()
        .route("/sign-in", post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .with_state(backend.clone())
}

fn pages(backend: &Backend) -> Router {
    let context = backend.clone();
    let fallback = backend.clone();
    Router::new()
        .leptos_routes_with_context(
            &ssr::options(),
            ssr::page_routes(),
            move || ssr::provide(&context),
            || app::shell(ssr::options()),
        )
        .with_state(ssr::options())
        .fallback(move |request: Request| elsewhere(fallback, request))
        .layer(from_fn(ssr::status_of_refusal))
        .layer(from_fn(ssr::sign_in_first))
}

/// Addresses that are no route: a problem under the API, else the app's own page.
async fn elsewhere(backend: Backend, request: Request) -> Response {
    if problem::is_api(request.uri().path()) {
        return Problem(api::ApiError::new(ProblemCode::NotFound, "there is no such address")).into_response();
    }
    ssr::page(axum::extract::State(backend), request).await
}

fn session_layer<S: SessionStore + Clone>(sessions: S, transport: Transport) -> SessionManagerLayer<S> {
    let name = match transport {
        Transport::Plain => "countersign_session",
        Transport::Tls => "__Host-countersign_session",
    };
    SessionManagerLayer::new(sessions)
        .with_name(name)
        .with_path("/")
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(transport == Transport::Tls)
        .with_expiry(Expiry::OnInactivity(Duration::seconds(IDLE_S_MAX)))
}

fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
    tracing::error!(panic = text.unwrap_or_default(), "a request panicked");
    Problem(api::ApiError::new(ProblemCode::Internal, "the request failed")).into_response()
}
