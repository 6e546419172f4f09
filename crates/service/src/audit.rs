//! The audit log, read by those who may.

use std::sync::Arc;

use api::audit::{Audit, AuditEntryView, AuditOrder, AuditQuery};
use api::{ApiError, Caller, Page};
use async_trait::async_trait;
use domain::access::{Permission, authorize};
use store::{AuditFilter, AuditSelection};

use crate::core::Core;
use crate::error::ServiceError;
use crate::views::{entry_view, page_of, page_request};

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
        let entries = self
            .0
            .store
            .audit()
            .list(selection, order(query.order), page_request(&query.page)?)
            .await
            .map_err(ServiceError::from)?;
        Ok(page_of(entries, entry_view))
    }
}

fn order(order: AuditOrder) -> store::AuditOrder {
    match order {
        AuditOrder::NewestFirst => store::AuditOrder::NewestFirst,
        AuditOrder::OldestFirst => store::AuditOrder::OldestFirst,
    }
}
