//! What can be measured of the whole, for whoever watches over the server.

use async_trait::async_trait;

use crate::{ApiError, Caller};

/// What can be done with metrics.
#[async_trait]
pub trait Metrics: Send + Sync {
    /// Brings those up to date that show a state rather than count events. Counting goes on by itself.
    async fn refresh(&self, caller: &Caller) -> Result<(), ApiError>;
}
