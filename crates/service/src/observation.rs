//! The state of the whole, measured when somebody asks for it. What is counted as it happens is in `metrics`.

use std::sync::Arc;

use api::metrics::Metrics;
use api::{ApiError, Caller};
use async_trait::async_trait;
use domain::access::Permission;

use crate::core::Core;
use crate::error::ServiceError;
use crate::metrics::State;

/// The use cases of metrics.
pub struct MetricCases(pub Arc<Core>);

#[async_trait]
impl Metrics for MetricCases {
    async fn refresh(&self, caller: &Caller) -> Result<(), ApiError> {
        self.0.permit(caller, Permission::ReadMetrics).await?;
        state(&self.0).await?.show();
        Ok(())
    }
}

async fn state(core: &Core) -> Result<State, ServiceError> {
    let (approvals, now) = (core.store.approvals(), core.store.now().await?);
    let oldest = approvals.oldest_pending().await?;
    Ok(State {
        write_queue: core.store.waiting_changes(),
        approvals_waiting: approvals.count_pending().await?,
        oldest_approval_s: oldest.map_or(0, |asked_at| now.since_ms(asked_at).max(0) / 1_000),
        audit_entries: core.store.audit().size().await?,
        stream_clients: core.feed.listeners(),
    })
}
