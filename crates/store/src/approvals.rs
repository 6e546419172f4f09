//! Approvals and their contributors as rows. Votes and what they grant are in `approvals/votes`; the rule of who may decide is in
//! `domain::approval`, and the database enforces it again.

use std::collections::{BTreeSet, HashMap};

use domain::approval::{Approval, ApprovalStatus, Vote};
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId, PlaybookId, RunId, StepId, UserId};
use domain::incident::State;
use domain::plan::ApprovalReason;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set};

use crate::entity::approvals::{ActiveModel, Column, Entity, Model};
use crate::entity::{approval_contributors, approval_votes, runs};
use crate::error::StoreError;
use crate::nouns::{Approvals, Reads};
use crate::numbers::Numbered;
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{insert_all, json, maybe_word, small, time, to_json, word};
use crate::users::{Usernames, maybe_reference, reference, usernames};
use crate::write::Tx;

mod votes;

/// A request for signatures that is being made. Its plan must be stored already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApproval {
    pub incident_id: IncidentId,
    pub run_id: RunId,
    /// The step that is gated; `None` when the whole plan is.
    pub step: Option<StepId>,
    pub plan_digest: Digest,
    pub reasons: Vec<ApprovalReason>,
    pub requested_by: Option<UserId>,
    /// By the database's clock.
    pub requested_at: Timestamp,
    /// By the database's clock.
    pub expires_at: Timestamp,
    pub quorum: u8,
    /// Where the incident goes if it is not approved.
    pub return_to: State,
    /// Who may not decide.
    pub contributors: Vec<UserId>,
}

/// Which approvals a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalFilter {
    All,
    WithStatus(ApprovalStatus),
}

impl<D: Reads> Approvals<'_, D> {
    /// The approval with this id and the decisions so far. In a change it stays as it is until the change ends.
    pub async fn find(&self, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        let row = self.0.for_decision(Entity::find_by_id(id.number())).one(self.0.connected()).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// The same; an error if there is no such approval.
    pub async fn get(&self, id: ApprovalId) -> Result<Approval, StoreError> {
        self.find(id).await?.ok_or_else(|| StoreError::NotFound(id.to_string()))
    }

    /// Where the incident goes if this is not approved.
    pub async fn get_return_state(&self, id: ApprovalId) -> Result<State, StoreError> {
        let row = Entity::find_by_id(id.number()).one(self.0.connected()).await?;
        word(&row.ok_or_else(|| StoreError::NotFound(id.to_string()))?.return_to)
    }

    /// A page of approvals, the newest first.
    pub async fn list(&self, filter: ApprovalFilter, request: PageRequest) -> Result<Page<Approval>, StoreError> {
        let mut newest_first = Entity::find().order_by_desc(Column::Id).limit(request.rows());
        if let ApprovalFilter::WithStatus(status) = filter {
            newest_first = newest_first.filter(Column::Status.eq(status.as_str()));
        }
        if let Some(after) = request.after {
            newest_first = newest_first.filter(Column::Id.lt(after.number));
        }
        let rows = newest_first.all(self.0.connected()).await?;
        let page = request.cut(rows, |row| Cursor { sort_key: 0, number: row.id });
        Ok(Page { items: self.complete(page.items).await?, next: page.next })
    }

    /// The newest approvals on an incident, the newest first.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Approval>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number()));
        let rows = of_incident.order_by_desc(Column::Id).limit(limit).all(self.0.connected()).await?;
        self.complete(rows).await
    }

    /// The newest approvals of runs of a playbook that people decided, the newest first.
    pub async fn list_decided_of_playbook(&self, id: &PlaybookId, limit: u64) -> Result<Vec<Approval>, StoreError> {
        let of_playbook =
            runs::Entity::find().select_only().column(runs::Column::Id).filter(runs::Column::PlaybookId.eq(id.as_str()));
        let decided = [ApprovalStatus::Approved, ApprovalStatus::Rejected].map(ApprovalStatus::as_str);
        let rows = Entity::find()
            .filter(Column::RunId.in_subquery(of_playbook.into_query()))
            .filter(Column::Status.is_in(decided))
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(self.0.connected())
            .await?;
        self.complete(rows).await
    }

    /// When each of these was first asked for: what is asked anew was asked for before, at the same gate of the same run.
    pub async fn first_asked_at(&self, approvals: &[Approval]) -> Result<HashMap<ApprovalId, Timestamp>, StoreError> {
        if approvals.is_empty() {
            return Ok(HashMap::new());
        }
        type Columns = (i64, Option<String>, i64);
        let runs: BTreeSet<i64> = approvals.iter().map(|approval| approval.run_id.number()).collect();
        let rows: Vec<Columns> = Entity::find()
            .select_only()
            .columns([Column::RunId])
            .columns([Column::Step])
            .columns([Column::RequestedAt])
            .filter(Column::RunId.is_in(runs))
            .into_tuple()
            .all(self.0.connected())
            .await?;
        let first = |approval: &Approval| {
            let step = approval.step.as_ref().map(StepId::as_str);
            let same = rows.iter().filter(|(run, of, _)| *run == approval.run_id.number() && of.as_deref() == step);
            (approval.id, same.map(|(_, _, at)| time(*at)).min().unwrap_or(approval.requested_at))
        };
        Ok(approvals.iter().map(first).collect())
    }

    /// The approvals that wait for a decision and that this person has voted on.
    pub async fn list_pending_with_vote_of(&self, person: UserId) -> Result<Vec<ApprovalId>, StoreError> {
        let voted = approval_votes::Entity::find()
            .select_only()
            .column(approval_votes::Column::ApprovalId)
            .filter(approval_votes::Column::UserId.eq(person.to_string()));
        let ids: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.eq(ApprovalStatus::Pending.as_str()))
            .filter(Column::Id.in_subquery(voted.into_query()))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(self.0.connected())
            .await?;
        Ok(ids.into_iter().map(ApprovalId::new).collect())
    }

    /// How many approvals wait for a decision.
    pub async fn count_pending(&self) -> Result<u64, StoreError> {
        let pending = Entity::find().filter(Column::Status.eq(ApprovalStatus::Pending.as_str()));
        Ok(pending.count(self.0.connected()).await?)
    }

    /// Since when the oldest pending approval waits.
    pub async fn oldest_pending(&self) -> Result<Option<Timestamp>, StoreError> {
        let pending =
            Entity::find().filter(Column::Status.eq(ApprovalStatus::Pending.as_str())).order_by_asc(Column::RequestedAt);
        Ok(pending.one(self.0.connected()).await?.map(|row| time(row.requested_at)))
    }

    /// The approvals that still wait although their time is over by `now`, the database's clock.
    pub async fn list_overdue(&self, now: Timestamp, limit: u64) -> Result<Vec<ApprovalId>, StoreError> {
        let ids: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.eq(ApprovalStatus::Pending.as_str()))
            .filter(Column::ExpiresAt.lte(now.unix_ms()))
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple()
            .all(self.0.connected())
            .await?;
        Ok(ids.into_iter().map(ApprovalId::new).collect())
    }

    async fn complete(&self, rows: Vec<Model>) -> Result<Vec<Approval>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let votes = approval_votes::Entity::find()
            .filter(approval_votes::Column::ApprovalId.is_in(ids.clone()))
            .order_by_asc(approval_votes::Column::At)
            .order_by_asc(approval_votes::Column::UserId)
            .all(self.0.connected())
            .await?;
        let people: BTreeSet<String> =
            votes.iter().map(|vote| vote.user_id.clone()).chain(rows.iter().filter_map(|row| row.requested_by.clone())).collect();
        let names = usernames(self.0.connected(), people).await?;
        let mut votes = votes_by_approval(&names, votes)?;
        let mut contributors = self.contributors(ids).await?;
        rows.into_iter()
            .map(|row| {
                let decisions = votes.remove(&row.id).unwrap_or_default();
                let contributors = contributors.remove(&row.id).unwrap_or_default();
                Ok(Approval { contributors, decisions, ..approval(&names, row)? })
            })
            .collect()
    }

    async fn contributors(&self, ids: Vec<i64>) -> Result<HashMap<i64, Vec<UserId>>, StoreError> {
        let rows = approval_contributors::Entity::find()
            .filter(approval_contributors::Column::ApprovalId.is_in(ids))
            .order_by_asc(approval_contributors::Column::UserId)
            .all(self.0.connected())
            .await?;
        let mut contributors: HashMap<i64, Vec<UserId>> = HashMap::new();
        for row in rows {
            contributors.entry(row.approval_id).or_default().push(word(&row.user_id)?);
        }
        Ok(contributors)
    }
}

impl Approvals<'_, Tx> {
    /// Adds a pending approval with its contributors.
    pub async fn insert(&self, approval: &NewApproval) -> Result<ApprovalId, StoreError> {
        let id = ApprovalId::new(self.0.next_number(Numbered::Approvals).await?);
        let row = ActiveModel {
            id: Set(id.number()),
            incident_id: Set(approval.incident_id.number()),
            run_id: Set(approval.run_id.number()),
            step: Set(approval.step.as_ref().map(ToString::to_string)),
            status: Set(ApprovalStatus::Pending.to_string()),
            plan_digest: Set(approval.plan_digest.to_string()),
            reasons: Set(to_json(&approval.reasons)?),
            requested_by: Set(approval.requested_by.map(|id| id.to_string())),
            requested_at: Set(approval.requested_at.unix_ms()),
            expires_at: Set(approval.expires_at.unix_ms()),
            quorum: Set(approval.quorum.into()),
            return_to: Set(approval.return_to.to_string()),
            decided_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        let people: BTreeSet<UserId> = approval.contributors.iter().copied().collect();
        let contributors = people.into_iter().map(|user_id| approval_contributors::ActiveModel {
            approval_id: Set(id.number()),
            user_id: Set(user_id.to_string()),
        });
        insert_all(self.0.connection(), contributors.collect()).await?;
        Ok(id)
    }

    /// Ends a pending approval in this status; [`StoreError::Stale`] if it is no longer pending.
    pub async fn end(&self, id: ApprovalId, status: ApprovalStatus, at: Timestamp) -> Result<(), StoreError> {
        let ended = Entity::update_many()
            .col_expr(Column::Status, Expr::value(status.as_str()))
            .col_expr(Column::DecidedAt, Expr::value(at.unix_ms()))
            .filter(Column::Id.eq(id.number()))
            .filter(Column::Status.eq(ApprovalStatus::Pending.as_str()))
            .exec(self.0.connection())
            .await?;
        if ended.rows_affected == 0 { Err(StoreError::Stale(id.to_string())) } else { Ok(()) }
    }
}

fn approval(names: &Usernames, row: Model) -> Result<Approval, StoreError> {
    Ok(Approval {
        id: ApprovalId::new(row.id),
        incident_id: IncidentId::new(row.incident_id),
        run_id: RunId::new(row.run_id),
        step: maybe_word(row.step.as_deref())?,
        status: word(&row.status)?,
        plan_digest: word(&row.plan_digest)?,
        reasons: json(&row.reasons)?,
        requested_by: maybe_reference(names, row.requested_by.as_deref())?,
        requested_at: time(row.requested_at),
        expires_at: time(row.expires_at),
        quorum: small(row.quorum)?,
        contributors: Vec::new(),
        decisions: Vec::new(),
    })
}

fn votes_by_approval(names: &Usernames, rows: Vec<approval_votes::Model>) -> Result<HashMap<i64, Vec<Vote>>, StoreError> {
    let mut votes: HashMap<i64, Vec<Vote>> = HashMap::new();
    for row in rows {
        let by = reference(names, &row.user_id)?;
        let vote = Vote { by, decision: word(&row.decision)?, reason: row.reason, at: time(row.at) };
        votes.entry(row.approval_id).or_default().push(vote);
    }
    Ok(votes)
}
