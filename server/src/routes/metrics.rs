//! Metrics in the text format of Prometheus: with a key on the server's own port, or without one on a listener of their own.

use api::{ApiError, Backend, Caller, ProblemCode};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::access::Actor;
use service::clock::Clock;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::problem::ProblemBody;
use crate::recorder;

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that is counted and measured.
#[utoipa::path(get, path = "/metrics", tag = "health", security(("key" = [])),
    responses((status = 200, body = String, content_type = "text/plain"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn read(State(backend): State<Backend>, Asked(caller): Asked) -> Answer<Response> {
    Ok(text(&backend, &caller).await?)
}

/// The same without a key, for a listener that only the monitoring reaches.
pub fn listener(backend: Backend, clock: Clock) -> Router {
    Router::new().route("/metrics", get(move || unasked(backend.clone(), clock)))
}

async fn unasked(backend: Backend, clock: Clock) -> Response {
    let Ok(correlation_id) = clock.uuid().to_string().parse() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let caller = Caller { actor: Actor::System, correlation_id, network: "metrics".to_owned(), claim: None };
    match text(&backend, &caller).await {
        Ok(response) => response,
        Err(error) if error.code == ProblemCode::Overloaded => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn text(backend: &Backend, caller: &Caller) -> Result<Response, ApiError> {
    backend.metrics.refresh(caller).await?;
    let mut response = recorder::text().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
