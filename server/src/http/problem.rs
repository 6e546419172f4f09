//! Every refusal as `application/problem+json` (RFC 9457), ours and the frameworks'.

use std::borrow::Cow;

pub use api::ProblemBody;
use api::{ApiError, ProblemCode};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::CorrelationId;
use domain::visible::{Place, visible};
use service::metrics::count_problem;

/// An error on its way to the client; `render` gives it its body.
#[derive(Debug)]
pub struct Problem(pub ApiError);

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status_of(self.0.code).into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self.0));
        response
    }
}

/// Gives problems their body, with the correlation id; turns the frameworks' own refusals under the API into problems too.
pub async fn render(request: Request, next: Next) -> Response {
    let correlation_id = request.extensions().get::<CorrelationId>().cloned();
    let ours = is_api(request.uri().path());
    let response = next.run(request).await;
    let known = response.extensions().get::<std::sync::Arc<ApiError>>().cloned();
    match known {
        Some(error) => with_body(&error, correlation_id.as_ref(), response),
        None if ours && is_bare_refusal(&response) => {
            let error = from_framework(response.status());
            with_body(&error, correlation_id.as_ref(), response)
        }
        None => response,
    }
}

/// Does this address belong to the API, whose refusals are problems?
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/feeds/") || path == "/alerts/ingest"
}

fn is_bare_refusal(response: &Response) -> bool {
    let status = response.status();
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    (status.is_client_error() || status.is_server_error()) && !is_problem
}

fn from_framework(status: StatusCode) -> ApiError {
    let code = ProblemCode::ALL.iter().copied().find(|code| code.status() == status.as_u16()).unwrap_or(ProblemCode::Internal);
    ApiError::new(code, code.title())
}

fn with_body(error: &ApiError, correlation_id: Option<&CorrelationId>, mut response: Response) -> Response {
    count_problem(error.code);
    let body = shown(ProblemBody::new(error, correlation_id));
    *response.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
    *response.status_mut() = status_of(error.code);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = error.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The words of a problem are for people, and may quote what was sent.
fn shown(mut body: ProblemBody) -> ProblemBody {
    for words in body.errors.iter_mut().map(|fault| &mut fault.detail).chain([&mut body.detail]) {
        if let Cow::Owned(shown) = visible(words, Place::Lines) {
            *words = shown;
        }
    }
    body
}

fn status_of(code: ProblemCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
