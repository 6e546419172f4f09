//! Answers that are kept for whoever repeats a request. Abilities that create keep theirs with the change; see `store::Trail`. One that
//! shows a plan is compared before it is given again, like any other place where a plan is shown.

use std::sync::Arc;

use api::ApiError;
use api::answers::Answers;
use api::approvals::ApprovalView;
use api::runs::RunRequested;
use async_trait::async_trait;
use domain::audit::Origin;
use domain::canonical;
use domain::digest::Digest;
use domain::idempotency::{ClaimPlace, Kept, KeptAnswer};

use crate::approvals::plans;
use crate::core::Core;
use crate::error::ServiceError;
use crate::tampering;

/// The use cases of kept answers.
pub struct AnswerCases(pub Arc<Core>);

#[async_trait]
impl Answers for AnswerCases {
    async fn find(&self, place: &ClaimPlace) -> Result<Option<Kept>, ApiError> {
        let found = self.0.store.kept_answers().find(place, self.0.clock.now()).await.map_err(ServiceError::from)?;
        if let Some(shown) = found.as_ref().and_then(|kept| approval_in(&kept.answer)) {
            self.check_plan(&shown).await?;
        }
        Ok(found)
    }
}

impl AnswerCases {
    /// Refuses an answer whose plan is not the one that was asked about.
    async fn check_plan(&self, shown: &ApprovalView) -> Result<(), ServiceError> {
        let approval = self.0.store.approvals().get(shown.id).await?;
        let digest = Digest::of(canonical::to_json(&shown.plan).as_bytes());
        if shown.plan_tampered || (digest == shown.plan_digest && digest == approval.plan_digest) {
            return Ok(());
        }
        let finding = plans::finding(&approval);
        let refusal = finding.refusal();
        tampering::report(&self.0, &Origin::system(), vec![finding]).await?;
        Err(refusal)
    }
}

/// The approval that an answer shows.
fn approval_in(answer: &KeptAnswer) -> Option<ApprovalView> {
    let asked = || serde_json::from_slice::<RunRequested>(&answer.body).ok()?.approval;
    serde_json::from_slice::<ApprovalView>(&answer.body).ok().or_else(asked)
}
