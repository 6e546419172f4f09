//! The audit log, read and proved to those who may.

mod exporting;
mod proving;

use std::sync::Arc;

use api::audit::{
    Audit, AuditEntryView, AuditOrder, AuditQuery, CheckpointView, ConsistencyProof, InclusionProof, LogProof, PROVED_MAX,
    ProofQuery,
};
use api::{ApiError, Caller, Page};
use async_trait::async_trait;
use domain::access::{Permission, authorize};
use futures::stream::BoxStream;
use store::{AuditFilter, AuditSelection};

use crate::core::Core;
use crate::error::ServiceError;
use crate::views::{cursor_in, entry_view, page_request_in};

/// The use cases of the audit log.
pub struct AuditCases(pub Arc<Core>);

#[async_trait]
impl Audit for AuditCases {
    async fn list(&self, caller: &Caller, query: AuditQuery) -> Result<Page<AuditEntryView>, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        let sees_everything = authorize(&caller.actor, Permission::ReadWholeAudit).is_ok();
        let filter = match query.filter.incident_id {
            Some(id) => AuditFilter::OfIncident(id),
            None if sees_everything => AuditFilter::All,
            None => AuditFilter::OfIncidents,
        };
        let api::audit::AuditFilter { actor, action, from, to, .. } = query.filter;
        let selection = AuditSelection { filter, actor, action, from, to };
        let name = query.order.to_string();
        let request = page_request_in(&name, &query.page)?;
        let found = self.0.store.audit().list(selection, order(query.order), request).await.map_err(ServiceError::from)?;
        Ok(Page {
            next_cursor: found.next.map(|cursor| cursor_in(&name, cursor)),
            items: found.items.into_iter().map(entry_view).collect(),
        })
    }

    async fn checkpoint(&self, caller: &Caller) -> Result<CheckpointView, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        Ok(proving::checkpoint(&self.0).await?)
    }

    async fn prove_inclusion(&self, caller: &Caller, seq: Option<i64>, size: Option<u64>) -> Result<InclusionProof, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        let seq = self.visible(caller, seq).await?;
        Ok(proving::inclusion(&self.0, seq, size).await?)
    }

    async fn prove(&self, caller: &Caller, query: ProofQuery) -> Result<LogProof, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        let count = query.seqs.len();
        if count == 0 || count > PROVED_MAX {
            return Err(ServiceError::invalid("/seqs", format!("must be 1 to {PROVED_MAX} entries")).into());
        }
        if !self.0.store.audit().concern_incidents(&query.seqs).await.map_err(ServiceError::from)? {
            self.0.permit(caller, Permission::ReadWholeAudit).await?;
        }
        Ok(proving::entries(&self.0, &query).await?)
    }

    async fn proof_file(&self, caller: &Caller, seq: Option<i64>) -> Result<String, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        let seq = self.visible(caller, seq).await?;
        Ok(proving::file(&self.0, seq).await?)
    }

    async fn prove_consistency(&self, caller: &Caller, from: Option<u64>, to: Option<u64>) -> Result<ConsistencyProof, ApiError> {
        self.0.permit(caller, Permission::ReadIncidentAudit).await?;
        let from = from.ok_or_else(|| ServiceError::invalid("/from", "must be given"))?;
        Ok(proving::consistency(&self.0, from, to).await?)
    }

    async fn export(&self, caller: &Caller) -> Result<BoxStream<'static, Result<String, ApiError>>, ApiError> {
        self.0.permit(caller, Permission::ReadWholeAudit).await?;
        Ok(exporting::export(&self.0).await?)
    }
}

impl AuditCases {
    /// The entry that was asked for, if the caller may see it.
    async fn visible(&self, caller: &Caller, seq: Option<i64>) -> Result<i64, ApiError> {
        let seq = seq.ok_or_else(|| ServiceError::invalid("/seq", "must be given"))?;
        if !self.0.store.audit().concern_incidents(&[seq]).await.map_err(ServiceError::from)? {
            self.0.permit(caller, Permission::ReadWholeAudit).await?;
        }
        Ok(seq)
    }
}

fn order(order: AuditOrder) -> store::AuditOrder {
    match order {
        AuditOrder::NewestFirst => store::AuditOrder::NewestFirst,
        AuditOrder::OldestFirst => store::AuditOrder::OldestFirst,
    }
}
