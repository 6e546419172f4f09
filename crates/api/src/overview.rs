//! The numbers beside the navigation, and the server's clock for the first rendering.

use async_trait::async_trait;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller};

/// What waits, at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub open_incidents: u64,
    /// Pending approvals, whoever may decide them.
    pub pending_approvals: u64,
    /// The server's time, so that the browser can show ages without trusting its own clock.
    pub now: Timestamp,
}

/// What can be asked about the whole.
#[async_trait]
pub trait Overview: Send + Sync {
    /// The counts for the navigation.
    async fn counts(&self, caller: &Caller) -> Result<Counts, ApiError>;
}
