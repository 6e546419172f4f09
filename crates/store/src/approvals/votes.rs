//! Votes on approvals, and what they grant a run. The database itself refuses whatever `domain::approval` would have refused.

use domain::access::Role;
use domain::approval::{Decision, Vote};
use domain::digest::Digest;
use domain::id::{ApprovalId, RunId};
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use uuid::Uuid;

use crate::entity::{approval_votes, grants, users};
use crate::error::StoreError;
use crate::nouns::{Approvals, Reads};
use crate::rows::{time, word, words};
use crate::runs::Gated;
use crate::write::Tx;

/// The one kind of grant there is: enough people signed.
const QUORUM: &str = "quorum";

/// What an approval gives a run: to start, or to pass one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: Uuid,
    pub approval_id: ApprovalId,
    pub run_id: RunId,
    pub plan_digest: Digest,
    /// The gate that it opens, as the run's steps name it.
    pub gate: Gated,
    pub granted_at: Timestamp,
    /// By the database's clock.
    pub start_by: Timestamp,
}

impl<D: Reads> Approvals<'_, D> {
    /// What this approval granted.
    pub async fn find_grant(&self, id: ApprovalId) -> Result<Option<Grant>, StoreError> {
        let row = grants::Entity::find().filter(grants::Column::ApprovalId.eq(id.number())).one(self.0.connected()).await?;
        row.map(Grant::try_from).transpose()
    }

    /// Everything that this run was granted, the newest last.
    pub async fn grants_of_run(&self, id: RunId) -> Result<Vec<Grant>, StoreError> {
        let of_run = grants::Entity::find().filter(grants::Column::RunId.eq(id.number())).order_by_asc(grants::Column::GrantedAt);
        of_run.all(self.0.connected()).await?.into_iter().map(Grant::try_from).collect()
    }

    /// How many approving votes are by people who may still decide: accounts that are not disabled and hold the role `approver`.
    pub async fn count_standing_votes(&self, id: ApprovalId) -> Result<usize, StoreError> {
        let votes = approval_votes::Entity::find()
            .filter(approval_votes::Column::ApprovalId.eq(id.number()))
            .filter(approval_votes::Column::Decision.eq(Decision::Approve.as_str()))
            .all(self.0.connected())
            .await?;
        let voters = users::Entity::find()
            .filter(users::Column::Id.is_in(votes.into_iter().map(|vote| vote.user_id)))
            .filter(users::Column::DisabledAt.is_null())
            .all(self.0.connected())
            .await?;
        let standing = voters.iter().map(|voter| Ok(words::<Role>(&voter.roles)?.contains(&Role::Approver)));
        Ok(standing.collect::<Result<Vec<bool>, StoreError>>()?.into_iter().filter(|stands| *stands).count())
    }
}

impl Approvals<'_, Tx> {
    /// Adds a vote on the plan with this digest. [`StoreError::AlreadyExists`] for a second one; [`StoreError::Refused`] if the database
    /// finds that it does not count.
    pub async fn insert_vote(&self, id: ApprovalId, vote: &Vote, plan_digest: &Digest) -> Result<(), StoreError> {
        let user_id = vote.by.id.to_string();
        let earlier = approval_votes::Entity::find_by_id((id.number(), user_id.clone())).one(self.0.connection()).await?;
        if earlier.is_some() {
            return Err(StoreError::AlreadyExists(format!("vote of {} on {id}", vote.by.username)));
        }
        let row = approval_votes::ActiveModel {
            approval_id: Set(id.number()),
            user_id: Set(user_id),
            decision: Set(vote.decision.to_string()),
            reason: Set(vote.reason.clone()),
            plan_digest: Set(plan_digest.to_string()),
            at: Set(vote.at.unix_ms()),
        };
        approval_votes::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }

    /// Adds what an approved approval grants; [`StoreError::Refused`] if the database does not find its quorum.
    pub async fn insert_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        let row = grants::ActiveModel {
            id: Set(grant.id.to_string()),
            approval_id: Set(grant.approval_id.number()),
            run_id: Set(grant.run_id.number()),
            kind: Set(QUORUM.to_owned()),
            plan_digest: Set(grant.plan_digest.to_string()),
            step: Set(grant.gate.to_column().unwrap_or_default()),
            granted_at: Set(grant.granted_at.unix_ms()),
            start_by: Set(grant.start_by.unix_ms()),
        };
        grants::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}

impl TryFrom<grants::Model> for Grant {
    type Error = StoreError;

    fn try_from(row: grants::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: word(&row.id)?,
            approval_id: ApprovalId::new(row.approval_id),
            run_id: RunId::new(row.run_id),
            plan_digest: word(&row.plan_digest)?,
            gate: Gated::from_column(Some(&row.step))?,
            granted_at: time(row.granted_at),
            start_by: time(row.start_by),
        })
    }
}
