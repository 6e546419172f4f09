//! Votes on approvals, and what they grant a run. The database itself refuses whatever `domain::approval` would have refused.

use domain::approval::Vote;
use domain::digest::Digest;
use domain::grant::Grant;
use domain::id::{ApprovalId, RunId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entity::{approval_votes, grants};
use crate::error::StoreError;
use crate::nouns::{Approvals, Reads};
use crate::rows::{time, word};
use crate::runs::{gate, gate_column};
use crate::write::Tx;

/// The one kind of grant there is: enough people signed.
const QUORUM: &str = "quorum";

impl<D: Reads> Approvals<'_, D> {
    /// What this approval granted.
    pub async fn find_grant(&self, id: ApprovalId) -> Result<Option<Grant>, StoreError> {
        let row = grants::Entity::find().filter(grants::Column::ApprovalId.eq(id.number())).one(self.0.connected()).await?;
        row.map(grant).transpose()
    }

    /// Everything that this run was granted, the newest last.
    pub async fn grants_of_run(&self, id: RunId) -> Result<Vec<Grant>, StoreError> {
        let of_run = grants::Entity::find().filter(grants::Column::RunId.eq(id.number())).order_by_asc(grants::Column::GrantedAt);
        of_run.all(self.0.connected()).await?.into_iter().map(grant).collect()
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
            step: Set(gate_column(&grant.gate).unwrap_or_default()),
            granted_at: Set(grant.granted_at.unix_ms()),
            start_by: Set(grant.start_by.unix_ms()),
        };
        grants::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}

fn grant(row: grants::Model) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: word(&row.id)?,
        approval_id: ApprovalId::new(row.approval_id),
        run_id: RunId::new(row.run_id),
        plan_digest: word(&row.plan_digest)?,
        gate: gate(Some(&row.step))?,
        granted_at: time(row.granted_at),
        start_by: time(row.start_by),
    })
}
