//! Server functions about the audit log.

use api::audit::{AuditEntryView, AuditQuery, CheckpointView, LogProof, ProofQuery};
use api::text::Json;
use api::{ApiError, Page};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Entries that the caller may see.
#[server(prefix = "/rpc", endpoint = "audit/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_audit_entries(query: AuditQuery) -> Result<Page<AuditEntryView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.audit.list(&caller, query).await)
}

/// Entries with their proofs against one signed head.
#[server(prefix = "/rpc", endpoint = "audit/prove", input = Json, output = Json, client = CorrelatedClient)]
pub async fn prove_audit_entries(query: ProofQuery) -> Result<LogProof, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.audit.prove(&caller, query).await)
}

/// A signed head over everything that is in the log now.
#[server(prefix = "/rpc", endpoint = "audit/checkpoint", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_audit_checkpoint() -> Result<CheckpointView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.audit.checkpoint(&caller).await)
}
