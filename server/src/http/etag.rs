//! Versions of what an address answers: `ETag` on a resource, `If-None-Match` when it is read again, `If-Match` when it is changed.
//! The tag of what can be changed begins with the version of that itself: a change is refused only if that is another one, not
//! because something was added to an incident's timeline, or a key was used.

use api::ApiError;
use api::ProblemCode;
use api::version::ExpectedVersion;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::digest::Digest;
use serde::Serialize;

use super::problem::Problem;

/// The tags that the client has already.
pub struct IfNoneMatch(Option<String>);

/// The version that the client wants to change.
pub struct IfMatch(pub ExpectedVersion);

impl IfNoneMatch {
    /// The value as JSON with its tag; 304 without a body if the client has it.
    pub fn answer<T: Serialize>(&self, value: &T) -> Result<Response, Problem> {
        self.answer_named("", value)
    }

    /// The same for a resource whose tag begins with its version.
    pub fn answer_version<T: Serialize>(&self, version: i64, value: &T) -> Result<Response, Problem> {
        self.answer_named(&format!("{version}."), value)
    }

    fn answer_named<T: Serialize>(&self, prefix: &str, value: &T) -> Result<Response, Problem> {
        let (tag, bytes) = tagged(prefix, value)?;
        let has_it = self.0.as_deref().is_some_and(|tags| names(tags).any(|name| name == "*" || name == tag));
        let mut response = if has_it { StatusCode::NOT_MODIFIED.into_response() } else { json(bytes) };
        put(response.headers_mut(), &tag);
        Ok(response)
    }
}

/// What was changed as JSON with its new tag.
pub fn changed<T: Serialize>(version: i64, value: &T) -> Result<Response, Problem> {
    let (tag, bytes) = tagged(&format!("{version}."), value)?;
    let mut response = json(bytes);
    put(response.headers_mut(), &tag);
    Ok(response)
}

/// Digits of the digest that a tag shows.
const DIGEST_DIGITS: usize = 32;

fn tagged<T: Serialize>(prefix: &str, value: &T) -> Result<(String, Vec<u8>), Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| ApiError::new(ProblemCode::Internal, error.to_string()))?;
    let digest = Digest::of(&bytes).to_string();
    Ok((format!("\"{prefix}{}\"", &digest[..DIGEST_DIGITS]), bytes))
}

fn json(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
}

fn put(headers: &mut HeaderMap, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}

/// The tags of a header; a weak one names the same as a strong one. Ours have no commas in them.
fn names(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
}

fn expected(tags: &str) -> ExpectedVersion {
    if names(tags).any(|name| name == "*") {
        return ExpectedVersion::Any;
    }
    let version = |name: &str| name.strip_prefix('"')?.split_once('.')?.0.parse().ok();
    ExpectedVersion::OneOf(names(tags).filter_map(version).collect())
}

fn text(parts: &Parts, name: &header::HeaderName) -> Option<String> {
    let values = parts.headers.get_all(name);
    let texts: Vec<&str> = values.iter().map(|value| value.to_str().unwrap_or_default()).collect();
    (!texts.is_empty()).then(|| texts.join(","))
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(text(parts, &header::IF_NONE_MATCH)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(text(parts, &header::IF_MATCH).map_or(ExpectedVersion::Any, |tags| expected(&tags))))
    }
}

#[cfg(test)]
mod tests {
    use api::version::ExpectedVersion;

    use super::expected;

    #[test]
    fn if_match_is_about_the_version() {
        let check =
            |tags: &str, versions: &[i64]| assert_eq!(expected(tags), ExpectedVersion::OneOf(versions.to_vec()), "{tags}");
        check("\"7.0123abcd\"", &[7]);
        check("W/\"7.0123abcd\" , \"8.aa\"", &[7, 8]);
        check("", &[]);
        check("nonsense, \"0123abcd\", \"x.7\"", &[]);
        assert_eq!(expected("*"), ExpectedVersion::Any);
    }
}
