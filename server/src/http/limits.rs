//! How long parts of a request may take, and what happens to whoever takes longer. Sizes stand where they are checked.

use std::time::Duration;

use api::{ApiError, ProblemCode};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// How long the head of a request may take to arrive; a slower connection is closed without an answer.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(15);
/// How long a body may take to arrive in full; a slower one is answered 400.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(30);
/// How long a request may take in all, until its answer begins; a slower one is answered 503.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);
/// Seconds after which a request that took too long may be tried again.
const RETRY_S: u32 = 5;

/// The limits in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    pub head: Duration,
    pub body: Duration,
    pub request: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { head: HEAD_TIME_MAX, body: BODY_TIME_MAX, request: REQUEST_TIME_MAX }
    }
}

/// How long the body of this request may take to arrive.
#[derive(Clone, Copy, Debug)]
pub struct BodyTime(pub Duration);

/// Ends a request that takes too long, and tells the body's reader how long it may take. What it has begun to write is still written.
pub async fn in_time(State(limits): State<TimeLimits>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(BodyTime(limits.body));
    match tokio::time::timeout(limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("the request took longer than {} s", limits.request.as_secs());
            Problem(ApiError { retry_after_s: Some(RETRY_S), ..ApiError::new(ProblemCode::Overloaded, detail) }).into_response()
        }
    }
}
