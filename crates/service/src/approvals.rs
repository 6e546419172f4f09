//! Approvals: read, and decided. The rule of who may decide is in `domain::approval`; the database enforces it again.

mod circumstances;
mod decision;
mod electorate;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use api::approvals::{ApprovalView, Approvals, Circumstances, DecisionRequest, IncidentBrief};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::Permission;
use domain::approval::{Approval, ApprovalStatus, Ballot, Refusal};
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId, UserId};
use domain::incident::Incident;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use store::{ApprovalFilter, Reads};

use crate::core::{Core, is_answered, stop_if_answered};
use crate::error::ServiceError;
use crate::views::page_request;

/// The use cases of approvals.
pub struct ApprovalCases(pub Arc<Core>);

#[async_trait]
impl Approvals for ApprovalCases {
    async fn list(&self, caller: &Caller, request: PageRequest) -> Result<Page<ApprovalView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(self.page(caller, ApprovalFilter::All, page_request(&request)?).await?)
    }

    async fn list_with_status(
        &self,
        caller: &Caller,
        status: ApprovalStatus,
        request: PageRequest,
    ) -> Result<Page<ApprovalView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(self.page(caller, ApprovalFilter::WithStatus(status), page_request(&request)?).await?)
    }

    async fn get(&self, caller: &Caller, id: ApprovalId) -> Result<ApprovalView, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(view(&self.0.store, self.0.store.now().await.map_err(ServiceError::from)?, caller, id).await?)
    }

    async fn circumstances(&self, caller: &Caller, id: ApprovalId) -> Result<Circumstances, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(circumstances::load(&self.0, id).await?)
    }

    async fn check_may_decide(&self, caller: &Caller) -> Result<(), ApiError> {
        self.0.check(caller, Permission::DecideApproval).await?;
        if is_answered(caller) {
            self.check_sign_in(caller).await?;
        }
        Ok(stop_if_answered(caller)?)
    }

    async fn decide(&self, caller: &Caller, id: ApprovalId, request: DecisionRequest) -> Result<ApprovalView, ApiError> {
        self.0.permit(caller, Permission::DecideApproval).await?;
        let ballot = Ballot { decision: request.decision, reason: request.reason, plan_digest: request.plan_digest };
        let (voter, moment) = (caller.clone(), (self.0.clock.now(), self.0.clock.uuid()));
        let decided =
            self.0.store.write(move |tx| async move { decision::decide(&tx, &voter, (id, ballot), moment).await }).await?;
        let decided = decided.map_err(ServiceError::from)?;
        self.0.work.notify_one();
        Ok(decided)
    }
}

impl ApprovalCases {
    async fn page(
        &self,
        caller: &Caller,
        filter: ApprovalFilter,
    /// Whoever repeats a decision needs a sign-in as fresh as for the decision itself.
    async fn check_sign_in(&self, caller: &Caller) -> Result<(), ServiceError> {
        let now = self.0.store.now().await?;
        if caller.actor.as_approver()?.has_confirmed_lately(now) { Ok(()) } else { Err(Refusal::StepUpRequired.into()) }
    }

        request: store::PageRequest,
    ) -> Result<Page<ApprovalView>, ServiceError> {
        let page = self.0.store.approvals().list(filter, request).await?;
        let next_cursor = page.next.map(|cursor| cursor.to_string());
        Ok(Page {
            items: views(&self.0.store, self.0.store.now().await.map_err(ServiceError::from)?, caller, page.items).await?,
            next_cursor,
        })
    }
}

/// One approval as this caller sees it; `not-found` if there is none.
pub async fn view<D: Reads>(reads: &D, now: Timestamp, caller: &Caller, id: ApprovalId) -> Result<ApprovalView, ServiceError> {
    let found = reads.approvals().find(id).await?;
    let approval = found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))?;
    let mut views = views(reads, now, caller, vec![approval]).await?;
    views.pop().ok_or_else(|| ServiceError::Corrupt(format!("{id} has no view")))
}

/// Approvals as this caller sees them.
pub async fn views<D: Reads>(
    reads: &D,
    now: Timestamp,
    caller: &Caller,
    approvals: Vec<Approval>,
) -> Result<Vec<ApprovalView>, ServiceError> {
    let incidents = incidents_of(reads, &approvals).await?;
    let people = contributors_of(reads, &approvals).await?;
    let digests: Vec<Digest> = approvals.iter().map(|approval| approval.plan_digest).collect();
    let plans = reads.plans().bodies(&digests).await?;
    let mut electorates = electorate::of_caller(reads, caller, &approvals).await?;
    let mut views = Vec::with_capacity(approvals.len());
    for approval in approvals {
        let body =
            plans.get(&approval.plan_digest).ok_or_else(|| ServiceError::Corrupt(format!("{} has no plan", approval.id)))?;
        let plan = serde_json::from_str(body).map_err(|error| ServiceError::Corrupt(error.to_string()))?;
        let incident = incidents
            .get(&approval.incident_id)
            .ok_or_else(|| ServiceError::Corrupt(format!("{} has no incident", approval.id)))?;
        let electorate = electorates.remove(&approval.id).unwrap_or_default();
        let why_not = approval.why_not(&caller.actor, &electorate, now);
        views.push(ApprovalView {
            incident: brief(incident),
            contributor_names: approval.contributors.iter().filter_map(|id| people.get(id).cloned()).collect(),
            can_decide: why_not.is_none(),
            why_not,
            plan,
            id: approval.id,
            incident_id: approval.incident_id,
            run_id: approval.run_id,
            step: approval.step,
            status: approval.status,
            plan_digest: approval.plan_digest,
            reasons: approval.reasons,
            requested_by: approval.requested_by,
            requested_at: approval.requested_at,
            expires_at: approval.expires_at,
            quorum: approval.quorum,
            contributors: approval.contributors,
            decisions: approval.decisions,
        });
    }
    Ok(views)
}

fn brief(incident: &Incident) -> IncidentBrief {
    IncidentBrief {
        title: incident.title.clone(),
        severity: incident.severity,
        severity_label: incident.severity.label().to_owned(),
        risk_score: incident.risk_score,
        state: incident.state,
    }
}

async fn incidents_of<D: Reads>(reads: &D, approvals: &[Approval]) -> Result<HashMap<IncidentId, Incident>, ServiceError> {
    let ids: BTreeSet<IncidentId> = approvals.iter().map(|approval| approval.incident_id).collect();
    let incidents = reads.incidents().list_by_ids(&ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(incidents.into_iter().map(|incident| (incident.id, incident)).collect())
}

async fn contributors_of<D: Reads>(reads: &D, approvals: &[Approval]) -> Result<HashMap<UserId, UserRef>, ServiceError> {
    let mut ids: Vec<UserId> = approvals.iter().flat_map(|approval| approval.contributors.iter().copied()).collect();
    ids.sort();
    ids.dedup();
    Ok(reads.users().list_by_ids(&ids).await?.into_iter().map(|user| (user.id, user)).collect())
}
