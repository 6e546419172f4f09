//! The API's description as a page that can be browsed: Swagger UI, embedded, under a content security policy of its own.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, serve};

const DOCUMENT: &str = "/api/v1/openapi.json";
/// Swagger UI needs its scripts and styles from here, and draws its icons as `data:` pictures. Nothing inline, but the one style that it
/// writes into the page, which is known by its digest.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// The files are those of one build; browsers ask whether they still are.
const ASK_EACH_TIME: &str = "no-cache";
/// The largest part of the page, which is ours so that nothing in it is inline.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Countersign API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" href="/pkg/icon.svg">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/swagger-ui-standalone-preset.js"></script>
    <script src="/docs/swagger-initializer.js"></script>
  </body>
</html>
"#;

/// `/docs` and the files that it loads.
pub fn pages() -> Router {
    let config = Arc::new(Config::from(DOCUMENT).try_it_out_enabled(false).validator_url("none"));
    Router::new()
        .route("/docs", get(|| async { with_policy(Html(PAGE).into_response()) }))
        .route("/docs/", get(|| async { Redirect::permanent("/docs") }))
        .route("/docs/{file}", get(move |Path(file): Path<String>| file_of(file, Arc::clone(&config))))
}

async fn file_of(file: String, config: Arc<Config<'static>>) -> Response {
    match serve(&file, config) {
        Ok(Some(found)) if is_needed(&file) => {
            let kind = HeaderValue::try_from(found.content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
            let mut response = found.bytes.into_owned().into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(ASK_EACH_TIME));
            with_policy(response)
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Swagger UI brings more than our page loads.
fn is_needed(file: &str) -> bool {
    matches!(file, "swagger-ui.css" | "swagger-ui-bundle.js" | "swagger-ui-standalone-preset.js" | "swagger-initializer.js")
}

fn with_policy(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
