//! Answers that are kept, so that a repeated request is answered again and nothing happens twice.

use async_trait::async_trait;
use domain::idempotency::{ClaimPlace, Kept};

use crate::ApiError;

/// What can be done with kept answers; they are kept by the abilities, with their changes.
#[async_trait]
pub trait Answers: Send + Sync {
    /// What was done here before, within the last 24 hours.
    async fn find(&self, place: &ClaimPlace) -> Result<Option<Kept>, ApiError>;
}
