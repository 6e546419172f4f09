//! Request bodies: their media type, their size, the time that they may take to arrive, and strict JSON.

use api::alerts::BatchFormat;
use api::{ApiError, ProblemCode};
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use domain::alert::FieldError;
use domain::alert::batch::{ALERT_BYTES_MAX, BATCH_BYTES_MAX};
use domain::text::InvalidText;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::limits::{BODY_TIME_MAX, BodyTime};
use super::problem::Problem;

/// The largest body of most requests, in bytes; alerts alone have the same limit.
pub const BODY_BYTES_MAX: usize = ALERT_BYTES_MAX;
/// How much of a body that is too large is still read, so that the client gets the answer.
pub const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The bytes of a JSON body: of the right media type and size, not yet parsed.
pub struct JsonBytes(pub Vec<u8>);

/// The bytes of a batch, and how its alerts are written one after another.
pub struct BatchBytes(pub BatchFormat, pub Vec<u8>);

/// A JSON body, strictly parsed. Whether its texts may be as they are, each noun says; what cannot be read is told with every text
/// that holds U+0000, which none may.
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
        if !is_of_type(request.headers(), JSON) {
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, "send the body as application/json").into());
        }
        Ok(Self(not_empty(read(request, BODY_BYTES_MAX).await?)?))
    }
}

impl<S: Send + Sync> FromRequest<S> for BatchBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let format = match request.headers() {
            headers if is_of_type(headers, JSON) => BatchFormat::Array,
            headers if is_of_type(headers, NDJSON) => BatchFormat::Lines,
            _ => {
                let detail = "send the body as application/json or application/x-ndjson";
                return Err(ApiError::new(ProblemCode::UnsupportedMediaType, detail).into());
            }
        };
        Ok(Self(format, not_empty(read(request, BATCH_BYTES_MAX).await?)?))
    }
}

impl<S: Send + Sync> FromRequest<S> for YamlBytes {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !YAML_TYPES.iter().any(|kind| is_of_type(request.headers(), kind)) {
            return Err(ApiError::new(ProblemCode::UnsupportedMediaType, "send the body as application/yaml").into());
        }
        Ok(Self(not_empty(read(request, BODY_BYTES_MAX).await?)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        let value = domain::json::parse(&bytes).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))?;
        parsed(value).map(Self).map_err(|errors| ApiError::invalid(errors).into())
    }
}

/// How many members are told that cannot be read; whoever sent more wrong ones starts anew anyway.
const FAULTS_MAX: usize = 32;

/// The value, or every member that cannot be read and every text that holds U+0000.
fn parsed<T: DeserializeOwned>(mut value: Value) -> Result<T, Vec<FieldError>> {
    if !value.is_object() {
        // A list of the members in their order would be read too.
        return Err(vec![FieldError::new("", "must be a JSON object")]);
    }
    let mut errors = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize(&value) {
            Ok(parsed) if errors.is_empty() => return Ok(parsed),
            Ok(_) => break,
            Err(error) => error,
        };
        let member = match error.path().iter().next() {
            Some(serde_path_to_error::Segment::Map { key }) => value.as_object_mut().and_then(|members| members.remove(key)),
            _ => None,
        };
        // Without the members that are told already, that one of them is missing is no news.
        if member.is_some() || errors.is_empty() {
            errors.push(FieldError::new(pointer(error.path()), error.inner().to_string()));
        }
        if member.is_none() || errors.len() == FAULTS_MAX {
            break;
        }
    }
    find_nul(&value, String::new(), &mut errors);
    Err(errors)
}

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(expected)
}

fn not_empty(bytes: Vec<u8>) -> Result<Vec<u8>, ApiError> {
    if bytes.is_empty() { Err(ApiError::new(ProblemCode::Malformed, "the body is empty")) } else { Ok(bytes) }
}

/// The whole body, if it is not larger than this and arrives in time.
pub async fn read(request: Request, bytes_max: usize) -> Result<Vec<u8>, ApiError> {
    let time_max = request.extensions().get::<BodyTime>().map_or(BODY_TIME_MAX, |BodyTime(time)| *time);
    let in_time = tokio::time::timeout(time_max, read_all(request.into_body(), bytes_max)).await;
    in_time.unwrap_or_else(|_| {
        Err(ApiError::new(ProblemCode::Malformed, format!("the body did not arrive within {} s", time_max.as_secs())))
    })
}

async fn read_all(body: Body, bytes_max: usize) -> Result<Vec<u8>, ApiError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes =
            chunk.map_err(|error| ApiError::new(ProblemCode::Malformed, format!("the body broke off: {error}")))?;
        if bytes.len() + chunk.len() > bytes_max {
            drop(bytes);
            discard(stream).await;
            return Err(ApiError::new(ProblemCode::TooLarge, format!("a body has at most {bytes_max} bytes here")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads on for a while, so that the sender gets the answer.
pub async fn discard(mut stream: BodyDataStream) {
    let mut discarded = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        discarded += chunk.len();
        if discarded > DISCARDED_BYTES_MAX {
            return;
        }
    }
}

/// The texts that hold U+0000, which PostgreSQL cannot store.
fn find_nul(value: &Value, pointer: String, errors: &mut Vec<FieldError>) {
    let inner = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(text) if text.contains('\0') => errors.push(FieldError::new(pointer, InvalidText::ContainsNul.to_string())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| find_nul(item, inner(&index.to_string()), errors))
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| find_nul(item, inner(key), errors)),
        _ => {}
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
