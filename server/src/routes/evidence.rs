//! Files kept with incidents over REST: received as a form or as they are, given back as downloads only.

use std::error::Error;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::incidents::EvidenceUpload;
use api::{ApiError, Backend, ProblemCode};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse as _, Response};
use domain::evidence::Evidence;
use domain::id::{EvidenceId, IncidentId};
use domain::visible::{Place, visible};
use futures::{Stream, StreamExt as _, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::{self, DISCARDED_BYTES_MAX};
use crate::http::created::Created;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// The bytes of a form that may come before its file: a parser that looks for the end of a part's head collects what it reads.
const FORM_HEAD_BYTES_MAX: usize = 1024 * 1024;
/// Chunks of a form's file that wait to be kept.
const CHUNKS_WAITING: usize = 1;

/// A file in a form.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described; the form is read as a stream")]
pub struct EvidenceForm {
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

/// Keep a file of at most 25 MiB with an incident: as the first file of a form, or as the body itself with its name as a parameter.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/evidence", tag = "incidents", security(("session" = [])),
    params(("id" = IncidentId, Path), ("name" = Option<String>, Query, description = "The file's name, when the body is the file itself")),
    request_body(content((EvidenceForm = "multipart/form-data"), (Vec<u8> = "application/octet-stream"))),
    responses((status = 201, body = Evidence), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn add(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<IncidentId>,
    uri: Uri,
    request: Request,
) -> Answer<Created<Evidence>> {
    backend.incidents.check_may_edit(&caller).await?;
    let mut query = QueryReader::new(&uri, &["name"]);
    let name = query.optional::<String>("name");
    query.finish()?;
    let keep = |upload| backend.incidents.add_evidence(&caller, id, upload);
    let kept = match media_type(request.headers()).as_str() {
        "multipart/form-data" => from_form(request, name, keep).await?,
        "application/octet-stream" => {
            let source = request.into_body().into_data_stream();
            received(source, name.unwrap_or_default(), keep).await?
        }
        _ => {
            let detail = "send a form with a file, or the file itself as application/octet-stream";
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, detail).into());
        }
    };
    Ok(Created(kept))
}

/// A file kept with an incident, as a download.
#[utoipa::path(get, path = "/api/v1/evidence/{id}", tag = "incidents", security(("key" = []), ("session" = [])), params(("id" = EvidenceId, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(State(backend): State<Backend>, Asked(caller): Asked, Named(id): Named<EvidenceId>) -> Answer<Response> {
    let file = backend.incidents.evidence(&caller, id).await?;
    let mut response = Body::from_stream(file.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.evidence.size));
    // Names of before may hold what today is written out as they are kept.
    let name = visible(&file.evidence.name, Place::Line);
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    for (header, value) in [
        ("content-disposition", format!("attachment; filename*=UTF-8''{name}")),
        ("x-content-sha256", file.evidence.sha256.to_string()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header, value);
        }
    }
    Ok(response)
}

fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn broke_off(error: impl Display) -> ApiError {
    ApiError::new(ProblemCode::Malformed, format!("the body broke off: {error}"))
}

/// The innermost reason: the outer ones only say that there is one.
fn form_broke_off(error: &dyn Error) -> ApiError {
    let mut reason = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    broke_off(reason)
}

/// Keeps the first file of a form.
async fn from_form<Fut>(
    request: Request,
    name: Option<String>,
    keep: impl FnOnce(EvidenceUpload) -> Fut,
) -> Result<Evidence, ApiError>
where
    Fut: Future<Output = Result<Evidence, ApiError>>,
{
    let is_found = Arc::new(AtomicBool::new(false));
    let mut request = with_short_head(request, Arc::clone(&is_found));
    // The limit is that of a file, which is checked while it is received.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| form_broke_off(&error))?;
    while let Some(part) = parts.next_field().await.map_err(|error| form_broke_off(&error))? {
        if let Some(own_name) = part.file_name().map(ToOwned::to_owned) {
            is_found.store(true, Ordering::Relaxed);
            return received(part, name.unwrap_or(own_name), keep).await;
        }
    }
    Err(ApiError::invalid_field("/file", "is missing: the form has no file"))
}

/// The same form, which ends in an error if its file is not found soon.
fn with_short_head(request: Request, is_found: Arc<AtomicBool>) -> Request {
    let (head, body) = request.into_parts();
    let short = stream::try_unfold((body.into_data_stream(), 0), move |(mut source, size)| {
        let is_found = Arc::clone(&is_found);
        async move {
            let Some(chunk) = source.next().await else { return Ok(None) };
            let chunk = chunk.map_err(|error| error.to_string())?;
            let size = size + chunk.len();
            if size > FORM_HEAD_BYTES_MAX && !is_found.load(Ordering::Relaxed) {
                body::discard(source).await;
                return Err(format!("there are more than {FORM_HEAD_BYTES_MAX} bytes before the file"));
            }
            Ok(Some((chunk, (source, size))))
        }
    });
    Request::from_parts(head, Body::from_stream(short))
}

/// Hands a file on while it is read. Of one that is refused some more is read, so that its sender gets the answer.
async fn received<S, E, Fut>(mut source: S, name: String, keep: impl FnOnce(EvidenceUpload) -> Fut) -> Result<Evidence, ApiError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Display,
    Fut: Future<Output = Result<Evidence, ApiError>>,
{
    let (chunks, waiting) = mpsc::channel(CHUNKS_WAITING);
    let upload = EvidenceUpload { name, bytes: ReceiverStream::new(waiting).boxed() };
    let pass_on = async move {
        let mut discarded = 0;
        while let Some(chunk) = source.next().await {
            let (size, ended) = (chunk.as_ref().map_or(0, Bytes::len), chunk.is_err());
            let chunk = chunk.map(|bytes| bytes.to_vec()).map_err(broke_off);
            if chunks.send(chunk).await.is_err() {
                discarded += size;
            }
            if ended || discarded > DISCARDED_BYTES_MAX {
                return;
            }
        }
    };
    futures::join!(keep(upload), pass_on).0
}
