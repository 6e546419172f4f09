//! The REST API, one file per noun, and the table of its routes. Handlers extract, call one ability, and reply.

mod alert_schema;
pub mod alerts;
pub mod api_keys;
pub mod approvals;
pub mod audit;
#[cfg(feature = "bench")]
pub mod bare;
pub mod description;
pub mod docs;
pub mod document;
pub mod evidence;
pub mod health;
pub mod incidents;
pub mod metrics;
pub mod playbooks;
mod rows;
pub mod runs;
pub mod saved_views;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod stream;
pub mod tasks;
pub mod users;

use api::Backend;
use api::audit::AuditOrder;
use api::page::ListFormat;
use api::sessions::SessionOwner;
use axum::extract::FromRef;
use service::clock::Clock;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::incidents::parameters::{ObservableText, SeverityText};
use crate::http::problem::{Problem, ProblemBody};

/// What a handler may ask for.
#[derive(Clone)]
pub struct RouteState {
    pub backend: Backend,
    pub clock: Clock,
    /// Cancelled when the server begins to shut down.
    pub shutdown: CancellationToken,
}

impl FromRef<RouteState> for Backend {
    fn from_ref(state: &RouteState) -> Self {
        state.backend.clone()
    }
}

/// What every handler answers with.
pub type Answer<T> = Result<T, Problem>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = "Alerts in, incidents, signed plans, a log that anyone can verify.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(AuditOrder, ListFormat, ObservableText, ProblemBody, SessionOwner, SeverityText))
)]
struct Document;

/// The REST routes with their OpenAPI document.
pub fn rest() -> OpenApiRouter<RouteState> {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("key", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("countersign_session"))));
    OpenApiRouter::with_openapi(document)
        .routes(routes!(alerts::ingest, alerts::list))
        .routes(routes!(alerts::ingest_alias))
        .routes(routes!(alerts::ingest_batch))
        .routes(routes!(alerts::get))
        .routes(routes!(alerts::raw))
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::get, incidents::update))
        .routes(routes!(incidents::transition))
        .routes(routes!(incidents::add_note))
        .routes(routes!(tasks::add))
        .routes(routes!(tasks::update))
        .routes(routes!(incidents::merge))
        .routes(routes!(evidence::add))
        .routes(routes!(evidence::get))
        .routes(routes!(incidents::plan))
        .routes(routes!(runs::request))
        .routes(routes!(runs::list))
        .routes(routes!(runs::get))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::resolve))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::get))
        .routes(routes!(approvals::decide))
        .routes(routes!(playbooks::list))
        .routes(routes!(playbooks::validate))
        .routes(routes!(playbooks::schema))
        .routes(routes!(playbooks::actions))
        .routes(routes!(playbooks::get, playbooks::upload))
        .routes(routes!(playbooks::versions))
        .routes(routes!(playbooks::version))
        .routes(routes!(playbooks::compare))
        .merge(of_the_log())
        .routes(routes!(saved_views::list, saved_views::create))
        .routes(routes!(saved_views::replace, saved_views::remove))
        .routes(routes!(session::sign_in, session::current, session::sign_out))
        .routes(routes!(session::step_up))
        .routes(routes!(session::change_password))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::get, users::change))
        .routes(routes!(users::make_password_link))
        .routes(routes!(users::list_unconfirmed))
        .routes(routes!(users::confirm))
        .routes(routes!(users::end_sessions))
        .routes(routes!(users::set_up))
        .routes(routes!(users::set_password))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::get, api_keys::change, api_keys::revoke))
        .routes(routes!(stream::follow))
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::read))
}

/// The audit log, its proofs and its export.
fn of_the_log() -> OpenApiRouter<RouteState> {
    OpenApiRouter::new()
        .routes(routes!(audit::list))
        .routes(routes!(audit::checkpoint))
        .routes(routes!(audit::inclusion))
        .routes(routes!(audit::consistency))
        .routes(routes!(audit::entries))
        .routes(routes!(audit::file))
        .routes(routes!(audit::export))
}
