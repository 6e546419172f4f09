//! The audit log over REST.

use api::audit::{AuditEntryView, AuditOrder, AuditQuery};
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use domain::id::IncidentId;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Entries that the caller may see, the newest first.
#[utoipa::path(get, path = "/api/v1/audit-logs", tag = "audit", security(("key" = []), ("session" = [])),
    params(("incident_id" = Option<String>, Query), ("order" = Option<AuditOrder>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AuditEntryView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri) -> Answer<Json<Page<AuditEntryView>>> {
    let mut query = QueryReader::new(&uri, &["incident_id", "order", "limit", "cursor"]);
    let incident_id = query.optional::<IncidentId>("incident_id");
    let order = query.optional("order").unwrap_or(AuditOrder::NewestFirst);
    let page = query.page();
    query.finish()?;
    Ok(Json(backend.audit.list(&caller, AuditQuery { incident_id, order, page }).await?))
}
