//! Counts and times every request by its route, as the router names it, so that no address of a sender becomes a label.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use service::metrics::count_request;
use tokio::time::Instant;

/// The route of requests that belong to none.
const NO_ROUTE: &str = "none";

/// Counts the request when its answer begins.
pub async fn count(request: Request, next: Next) -> Response {
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let started = Instant::now();
    let response = next.run(request).await;
    count_request(method, route.as_deref().unwrap_or(NO_ROUTE), response.status().as_u16(), started.elapsed().as_secs_f64());
    response
}

/// Only the methods that there are: a sender may make up others.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
