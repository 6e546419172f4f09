//! The audit log, read by those who may.

use std::sync::Arc;

use api::audit::{Audit, AuditEntryView, AuditOrder, AuditQuery};
use api::{ApiError, Caller, Page};
use async_trait::async_trait;
use domain::access::{Permission, authorize};
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
}

fn order(order: AuditOrder) -> store::AuditOrder {
    match order {
        AuditOrder::NewestFirst => store::AuditOrder::NewestFirst,
        AuditOrder::OldestFirst => store::AuditOrder::OldestFirst,
    }
}
