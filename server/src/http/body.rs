//! Request bodies: their media type, their size, and strict JSON.

use api::{ApiError, ProblemCode};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest body of a single request, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How much of a body that is too large is still read, so that the client gets the answer.
pub const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The bytes of a JSON body: of the right media type and size, not yet parsed.
pub struct JsonBytes(pub Vec<u8>);

/// A JSON body, strictly parsed.
pub struct JsonBody<T>(pub T);

/// The bytes of a YAML body: of the right media type and size, not yet parsed. JSON is YAML too.
pub struct YamlBytes(pub Vec<u8>);

/// The media types of YAML (RFC 9512), and those that were used before it had one.
const YAML_TYPES: [&str; 5] = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/json"];

/// A body that is looked at only once its sender is known to be allowed to send it.
pub struct UnreadBody(Request);

impl UnreadBody {
    /// Reads it as JSON, strictly.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        JsonBody::from_request(self.0, &()).await.map(|JsonBody(value)| value)
    }
}

impl<S: Send + Sync> FromRequest<S> for UnreadBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Ok(Self(request))
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, "send the body as application/json").into());
        }
        let bytes = read(request.into_body()).await?;
        if bytes.is_empty() {
            return Err(ApiError::new(ProblemCode::Malformed, "the body is empty").into());
        }
        Ok(Self(bytes))
    }
}

impl<S: Send + Sync> FromRequest<S> for YamlBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !YAML_TYPES.iter().any(|kind| is_of_type(request.headers(), kind)) {
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, "send the body as application/yaml").into());
        }
        let bytes = read(request.into_body()).await?;
        if bytes.is_empty() {
            return Err(ApiError::new(ProblemCode::Malformed, "the body is empty").into());
        }
        Ok(Self(bytes))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        let value = domain::json::parse(&bytes).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))?;
        let parsed = serde_path_to_error::deserialize(value)
            .map_err(|error| ApiError::invalid_field(&pointer(error.path()), error.inner().to_string()))?;
        Ok(Self(parsed))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/json")
}

fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(expected)
}

async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes =
            chunk.map_err(|error| ApiError::new(ProblemCode::Malformed, format!("the body broke off: {error}")))?;
        if bytes.len() + chunk.len() > BODY_BYTES_MAX {
            discard(stream).await;
            return Err(ApiError::new(ProblemCode::TooLarge, format!("a body has at most {BODY_BYTES_MAX} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn discard(mut stream: BodyDataStream) {
    let mut discarded = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        discarded += chunk.len();
        if discarded > DISCARDED_BYTES_MAX {
            return;
        }
    }
}

/// A JSON Pointer (RFC 6901) to where parsing failed.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("{pointer}/{variant}"),
        Segment::Unknown => pointer,
    })
}
