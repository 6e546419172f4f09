//! Server functions about the audit log.

use api::audit::{AuditEntryView, AuditQuery};
use api::{ApiError, Page};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Entries that the caller may see.
#[server(prefix = "/rpc", endpoint = "audit/list", input = Json, client = CorrelatedClient)]
pub async fn list_audit_entries(query: AuditQuery) -> Result<Page<AuditEntryView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.audit.list(&caller, query).await)
}
