//! Answers that are kept for whoever repeats a request. Abilities that create keep theirs with the change; see `store::Trail`.

use std::sync::Arc;

use api::ApiError;
use api::answers::Answers;
use async_trait::async_trait;
use domain::idempotency::{ClaimPlace, Kept};

use crate::core::Core;
use crate::error::ServiceError;

/// The use cases of kept answers.
pub struct AnswerCases(pub Arc<Core>);

#[async_trait]
impl Answers for AnswerCases {
    async fn find(&self, place: &ClaimPlace) -> Result<Option<Kept>, ApiError> {
        Ok(self.0.store.kept_answers().find(place, self.0.clock.now()).await.map_err(ServiceError::from)?)
    }
}
