//! Writes that another site has a browser send: every route that changes something, with every mix of the two headers that tell, as a
//! person by cookie, as a key, and as nobody.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::http_edges::operations;
use crate::installation::{Client, Installation};

/// What the browser says: `Sec-Fetch-Site`, `Origin`, and whether a write by cookie may pass.
const SAYINGS: [(Option<&str>, Option<&str>, bool); 16] = [
    (None, None, true),
    (None, Some("OURS"), true),
    (None, Some("https://evil.example"), false),
    (None, Some("http://127.0.0.1"), false),
    (None, Some("http://127.0.0.1.evil.example:80"), false),
    (None, Some("null"), false),
    (None, Some(""), false),
    (Some("same-origin"), None, true),
    (Some("same-origin"), Some("OURS"), true),
    (Some("none"), None, true),
    (Some("none"), Some("null"), true),
    (Some("same-site"), Some("OURS"), false),
    (Some("cross-site"), None, false),
    (Some("cross-site"), Some("OURS"), false),
    (Some("Same-Origin"), Some("OURS"), false),
    (Some(""), Some("OURS"), false),
];

/// Everything that changes something: the API, the forms, the server functions.
async fn unsafe_routes(installation: &Installation) -> Vec<(Method, String)> {
    let operations = operations(installation).await.into_iter().map(|(method, path, _)| (method, path));
    let mut routes: Vec<(Method, String)> = operations.filter(|(method, _)| *method != Method::GET).collect();
    routes.extend(["/sign-in", "/sign-out"].map(|path| (Method::POST, path.to_owned())));
    routes.extend(server_fn::axum::server_fn_paths().map(|(path, method)| (method.as_str().parse().unwrap(), path.to_owned())));
    assert!(routes.len() > 80, "{}", routes.len());
    routes
}

/// Was it refused because of where it came from?
async fn is_refused(client: &Client<'_>, (method, path): &(Method, String), headers: HeaderMap) -> bool {
    let request = client.request(method.clone(), path).headers(headers);
    let answer =
        client.send(if path.starts_with("/sign-") { request.form(&[("x", "y")]) } else { request.json(&json!({})) }).await;
    assert!(!answer.status.is_server_error() || path.starts_with("/rpc/"), "{method} {path}: {answer:?}");
    let refused = answer.body["type"] == "urn:countersign:problem:cross-origin";
    assert!(!refused || answer.status == StatusCode::FORBIDDEN, "{method} {path}: {answer:?}");
    refused
}

fn headers_of(installation: &Installation, site: Option<&str>, origin: Option<&str>) -> HeaderMap {
    let ours = installation.url("");
    let mut headers = HeaderMap::new();
    if let Some(site) = site {
        headers.insert("sec-fetch-site", site.parse().unwrap());
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.replace("OURS", &ours).parse().unwrap());
    }
    headers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_has_a_browser_write() {
    let installation = Installation::on_sqlite().await;
    let (analyst, nobody, key) = (installation.person("analyst").await, installation.anonymous(), installation.source());
    for route in unsafe_routes(&installation).await {
        for (site, origin, passes) in SAYINGS {
            let headers = headers_of(&installation, site, origin);
            // What ends the session ends one that is there for it.
            let other = if passes && ends_sessions(&route) { Some(installation.person("both").await) } else { None };
            let by_cookie = is_refused(other.as_ref().unwrap_or(&analyst), &route, headers.clone()).await;
            assert_eq!(by_cookie, !passes, "{route:?} by cookie: {site:?}, {origin:?}");
            assert_eq!(is_refused(&nobody, &route, headers.clone()).await, !passes, "{route:?} by nobody: {site:?}, {origin:?}");
            assert!(!is_refused(&key, &route, headers).await, "{route:?} by a key: {site:?}, {origin:?}");
        }
    }
    analyst.get("/api/v1/session").await.expect(StatusCode::OK);
}

fn ends_sessions((method, path): &(Method, String)) -> bool {
    let session = path.starts_with("/api/v1/session") && *method == Method::DELETE;
    session || path == "/sign-out" || path.starts_with("/rpc/sessions/") || path == "/api/v1/session"
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_changes_nothing_and_is_never_refused() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    for (method, path, _) in operations(&installation).await {
        if method != Method::GET || path == "/api/v1/stream" {
            continue;
        }
        for (site, origin, _) in SAYINGS {
            assert!(
                !is_refused(&analyst, &(method.clone(), path.clone()), headers_of(&installation, site, origin)).await,
                "{path}"
            );
        }
    }
}

/// A key's `Authorization` decides alone: beside a cookie that another site sends along it is the key that acts, or nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_proves_nobody_makes_nobody_of_a_cookie() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    for value in ["Bearer nonsense", "Basic YTpi", "", "Bearer "] {
        let request = analyst.request(Method::POST, "/api/v1/incidents/INC-0000000001/notes").header("authorization", value);
        let request = request.header("origin", "https://evil.example").json(&json!({ "text": "x" }));
        analyst.send(request).await.expect_problem(401, "unauthenticated");
    }
}
