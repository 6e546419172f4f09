//! The audit log over REST.

use api::audit::{ACTOR_BYTES_MAX, AuditEntryView, AuditFilter, AuditOrder, AuditQuery};
use api::page::ListFormat;
use api::{Backend, Page};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::audit::AuditAction;
use domain::id::IncidentId;
use domain::timestamp::Timestamp;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::export;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Entries that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/v1/audit-logs", tag = "audit", security(("key" = []), ("session" = [])),
    params(("incident_id" = Option<IncidentId>, Query), ("actor" = Option<String>, Query, min_length = 1, max_length = 256), ("action" = Option<AuditAction>, Query),
        ("from" = Option<Timestamp>, Query), ("to" = Option<Timestamp>, Query), ("order" = Option<AuditOrder>, Query), ("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<AuditEntryView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query =
        QueryReader::new(&uri, &["incident_id", "actor", "action", "from", "to", "order", "format", "limit", "cursor"]);
    let filter = AuditFilter {
        incident_id: query.optional("incident_id"),
        actor: query.text("actor", ACTOR_BYTES_MAX),
        action: query.optional("action"),
        from: query.optional("from"),
        to: query.optional("to"),
    };
    let order = query.optional("order").unwrap_or(AuditOrder::NewestFirst);
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller, filter) = (backend.clone(), caller.clone(), filter.clone());
        async move { backend.audit.list(&caller, AuditQuery { filter, order, page }).await }
    })
    .await
}
