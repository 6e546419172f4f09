//! Pages: renders `app` with the backend in context and the page's own content security policy.

use std::sync::LazyLock;

use api::{ApiError, Backend, Caller};
use app::{App, FilesOf, shell};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::access::Actor;
use domain::link::LinkPurpose;
use leptos::context::provide_context;
use leptos::prelude::LeptosOptions;
use leptos_axum::{AxumRouteListing, ResponseOptions};

use crate::http::assets::files_of;
use crate::http::headers::page_policy;
use crate::http::problem::is_api;
use crate::routes::sign_in;

/// Where server functions are; they answer for themselves.
const SERVER_FUNCTIONS: &str = "/rpc/";

/// The largest refusal of a server function, in bytes.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// Pages for those who cannot sign in yet.
const OPEN_PAGES: [&str; 3] = ["/sign-in", LinkPurpose::Setup.page(), LinkPurpose::Password.page()];

/// What leptos needs to know; everything is fixed, nothing is read from the environment.
#[must_use]
pub fn options() -> LeptosOptions {
    LeptosOptions::builder().output_name("countersign").site_pkg_dir("pkg").build()
}

/// Everything that pages and server functions find in their context.
pub fn provide(backend: &Backend) {
    provide_context(backend.clone());
    provide_context(FilesOf(files_of));
    let nonce = leptos::nonce::use_nonce();
    if let (Some(nonce), Some(response)) = (nonce, leptos::context::use_context::<ResponseOptions>())
        && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Any address that is not a route: the app's own page for that.
pub async fn page(State(backend): State<Backend>, request: Request<Body>) -> Response {
    let render = leptos_axum::render_app_to_stream_with_context(move || provide(&backend), || shell(options()));
    render(request).await.into_response()
}

/// Sends people who are not signed in to the sign-in page first.
pub async fn sign_in_first(request: Request, next: Next) -> Response {
    let anonymous = request.extensions().get::<Caller>().is_none_or(|caller| caller.actor == Actor::Anonymous);
    let path = request.uri().path();
    if !anonymous || OPEN_PAGES.contains(&path) || path.starts_with(SERVER_FUNCTIONS) || is_api(path) {
        return next.run(request).await;
    }
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Redirect::to(&sign_in::page_for(wanted)).into_response()
}

/// Gives an answer of a server function the status of its error: what could not even be read was answered as a fault of the server.
pub async fn status_of_refusal(request: Request, next: Next) -> Response {
    let is_call = request.uri().path().starts_with(SERVER_FUNCTIONS);
    let response = next.run(request).await;
    if !is_call || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, REFUSAL_BYTES_MAX).await else { return head.status.into_response() };
    let refused = serde_json::from_slice::<ApiError>(&bytes).ok();
    head.status = refused.and_then(|error| StatusCode::from_u16(error.status()).ok()).unwrap_or(head.status);
    Response::from_parts(head, Body::from(bytes))
}

/// The routes of the app, as the router wants them. They are found once in the life of the process, by rendering the app without loading
/// anything: that is a switch of the whole process, and a page that another server rendered meanwhile would wait for ever.
#[must_use]
pub fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| leptos_axum::generate_route_list(App));
    ROUTES.clone()
}
