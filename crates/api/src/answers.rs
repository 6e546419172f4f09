//! Answers that are kept, so that a repeated request is answered again and nothing happens twice.

use async_trait::async_trait;
use domain::idempotency::{Claim, ClaimPlace, Kept, KeptAnswer};

use crate::ApiError;

/// What can be done with kept answers.
#[async_trait]
pub trait Answers: Send + Sync {
    /// What was done here before, within the last 24 hours.
    async fn find(&self, place: &ClaimPlace) -> Result<Option<Kept>, ApiError>;
    /// Keeps the answer to a change that did not keep one itself.
    async fn keep(&self, claim: Claim, answer: KeptAnswer) -> Result<(), ApiError>;
}
