//! The correlation id: taken from the request if well formed, else made; echoed, logged, and passed on.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use domain::id::CorrelationId;
use service::clock::Clock;
use tracing::Instrument as _;

/// The header's name, in requests and answers.
pub const HEADER: &str = "x-correlation-id";

/// Puts a [`CorrelationId`] into the request, the log lines and the answer.
pub async fn assign(State(clock): State<Clock>, mut request: Request, next: Next) -> Response {
    let id = given(&request).unwrap_or_else(|| made(clock));
    let span = tracing::info_span!("request", correlation_id = %id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(id.clone());
    let started = clock.now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took_ms = clock.now().since_ms(started);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), took_ms, "answered"));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn given(request: &Request) -> Option<CorrelationId> {
    request.headers().get(HEADER)?.to_str().ok()?.parse().ok()
}

fn made(clock: Clock) -> CorrelationId {
    match clock.uuid().to_string().parse() {
        Ok(id) => id,
        Err(_) => unreachable!("a UUID is a well-formed correlation id"),
    }
}
