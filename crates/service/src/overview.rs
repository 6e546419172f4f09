//! The numbers beside the navigation.

use std::sync::Arc;

use api::overview::{Counts, Overview};
use api::{ApiError, Caller};
use async_trait::async_trait;
use domain::access::Permission;

use crate::core::Core;
use crate::error::ServiceError;

/// The use cases of the whole.
pub struct OverviewCases(pub Arc<Core>);

#[async_trait]
impl Overview for OverviewCases {
    async fn counts(&self, caller: &Caller) -> Result<Counts, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let open_incidents = self.0.store.incidents().count_open().await.map_err(ServiceError::from)?;
        let pending_approvals = self.0.store.approvals().count_pending().await.map_err(ServiceError::from)?;
        Ok(Counts { open_incidents, pending_approvals, now: self.0.clock.now() })
    }
}
