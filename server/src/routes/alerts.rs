//! Alerts over REST.

use api::alerts::{AlertReceipt, BatchReceipt};
use api::page::ListFormat;
use api::{Backend, Page};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use domain::alert::Alert;
use domain::id::AlertId;

use super::Answer;
use super::alert_schema::AlertIn;
use crate::auth::caller::Asked;
use crate::http::body::{BatchBytes, JsonBytes};
use crate::http::created::Created;
use crate::http::etag::IfNoneMatch;
use crate::http::export;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Post one alert in the native format.
#[utoipa::path(post, path = "/api/v1/alerts", tag = "alerts", security(("key" = []), ("session" = [])), request_body(content = AlertIn, content_type = "application/json"),
    responses((status = 201, body = AlertReceipt), (status = 200, description = "A duplicate: counted, nothing new", body = AlertReceipt), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ingest(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    JsonBytes(body): JsonBytes,
) -> Answer<Created<AlertReceipt>> {
    Ok(Created(backend.alerts.ingest(&caller, body).await?))
}

/// The same as POST /api/v1/alerts.
#[utoipa::path(post, path = "/alerts/ingest", tag = "alerts", security(("key" = []), ("session" = [])), request_body(content = AlertIn, content_type = "application/json"),
    responses((status = 201, body = AlertReceipt), (status = 200, description = "A duplicate: counted, nothing new", body = AlertReceipt), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ingest_alias(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    JsonBytes(body): JsonBytes,
) -> Answer<Created<AlertReceipt>> {
    Ok(Created(backend.alerts.ingest(&caller, body).await?))
}

/// Post up to 1,000 alerts, as a JSON array or as NDJSON; each has its own result, in order.
#[utoipa::path(post, path = "/api/v1/alerts/batch", tag = "alerts", security(("key" = []), ("session" = [])), request_body(content((Vec<AlertIn> = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, body = BatchReceipt), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ingest_batch(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    BatchBytes(format, body): BatchBytes,
) -> Answer<Created<BatchReceipt>> {
    Ok(Created(backend.alerts.ingest_batch(&caller, format, body).await?))
}

/// Alerts, the newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", security(("key" = []), ("session" = [])), params(("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<Alert> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &["format", "limit", "cursor"]);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller) = (backend.clone(), caller.clone());
        async move { backend.alerts.list(&caller, page).await }
    })
    .await
}

/// One alert, normalised.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", security(("key" = []), ("session" = [])), params(("id" = AlertId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = Alert, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<AlertId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    known.answer(&backend.alerts.get(&caller, id).await?)
}

/// One alert, the bytes exactly as received, as a download.
#[utoipa::path(get, path = "/api/v1/alerts/{id}/raw", tag = "alerts", security(("key" = []), ("session" = [])), params(("id" = AlertId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn raw(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<AlertId>) -> Answer<Response> {
    let raw = backend.alerts.raw(&caller, id).await?;
    let mut response = raw.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    if let Ok(digest) = HeaderValue::from_str(&raw.sha256) {
        headers.insert("x-content-sha256", digest);
    }
    Ok(response)
}
