//! Refuses a cookie-authenticated write that another site had the browser send.

use api::{ApiError, ProblemCode};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::caller::Proof;
use crate::http::problem::Problem;

const FETCH_SITE: &str = "sec-fetch-site";

/// Lets reads pass, and writes that a header proves or that come from our own pages or from no browser at all.
pub async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let by_header = request.extensions().get::<Proof>() == Some(&Proof::Header);
    if is_read(request.method()) || by_header || is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    Problem(ApiError::new(ProblemCode::CrossOrigin, "writes are accepted from Countersign's own pages only")).into_response()
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = origin.to_str().unwrap_or_default();
    origin.split_once("://").is_some_and(|(_, authority)| !host.is_empty() && authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], expected: bool) {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(is_same_origin(&map), expected, "{headers:?}");
    }

    #[test]
    fn a_write_passes_only_from_our_own_pages_or_from_no_browser() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:8080"), ("host", "localhost:8080")], false);
        check(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")], true);
        check(&[("origin", "http://localhost:8081"), ("host", "localhost:8080")], false);
        check(&[("origin", "null"), ("host", "localhost:8080")], false);
        check(&[("origin", "https://evil.example")], false);
    }
}
