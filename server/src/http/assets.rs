//! The browser side's files, embedded in the binary, compressed where the browser takes that.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../target/site/pkg"]
struct Site;

/// Browsers keep files but ask each time whether they are still the same, so that a page never meets the files of another build.
const ASK_EACH_TIME: &str = "no-cache";

/// The files that hold the code of this part of the pages: their names list the parts that need them.
#[must_use]
pub fn files_of(part: &str) -> Vec<String> {
    let is_needed = |file: &str| {
        let mut words = file.strip_suffix(".wasm").unwrap_or_default().split('-').skip(1);
        words.next().is_some_and(|parts| parts.split('_').any(|needing| needing == part))
    };
    Site::iter().filter(|file| is_needed(file)).map(Cow::into_owned).collect()
}

/// One file of the browser side.
pub async fn serve(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(media_type) = media_type(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let compressed = takes_brotli(&headers).then(|| Site::get(&format!("{path}.br"))).flatten();
    let encoding = compressed.as_ref().map(|_| "br");
    let Some(file) = compressed.or_else(|| Site::get(&path)) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { bytes(file.data).into_response() };
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(ASK_EACH_TIME));
    answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answered.insert(header::ETAG, etag);
    }
    if let Some(encoding) = encoding {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The file as it lies in the binary; only a debug build reads it from the disk.
fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(embedded) => Bytes::from_static(embedded),
        Cow::Owned(read) => Bytes::from(read),
    }
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| coding.trim().split(';').next() == Some("br"))
}

fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "wasm" => "application/wasm",
        "js" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}
