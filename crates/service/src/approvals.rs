//! Approvals: read, and decided. The rule of who may decide is in `domain::approval`; the database enforces it again.

mod circumstances;
mod decision;
mod electorate;
pub mod plans;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use api::approvals::{ApprovalView, Approvals, Circumstances, DecisionRequest, IncidentBrief};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::Permission;
use domain::approval::{Approval, ApprovalStatus, Ballot, Refusal};
use domain::audit::Target;
use domain::id::{ApprovalId, IncidentId, UserId};
use domain::incident::Incident;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use store::{ApprovalFilter, Reads};

use crate::core::{Core, is_answered, stop_if_answered};
use crate::error::ServiceError;
use crate::tampering::{self, Finding, Kept};
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
        let seen = view(&self.0.store, self.0.store.now().await.map_err(ServiceError::from)?, caller, id).await?;
        report_changed(&self.0, caller, std::slice::from_ref(&seen)).await?;
        Ok(seen)
    }

    async fn circumstances(&self, caller: &Caller, id: ApprovalId) -> Result<Circumstances, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(circumstances::load(&self.0, caller, id).await?)
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
    /// Whoever repeats a decision needs a sign-in as fresh as for the decision itself.
    async fn check_sign_in(&self, caller: &Caller) -> Result<(), ServiceError> {
        let now = self.0.store.now().await?;
        if caller.actor.as_approver()?.has_confirmed_lately(now) { Ok(()) } else { Err(Refusal::StepUpRequired.into()) }
    }

    async fn page(
        &self,
        caller: &Caller,
        filter: ApprovalFilter,
        request: store::PageRequest,
    ) -> Result<Page<ApprovalView>, ServiceError> {
        let page = self.0.store.approvals().list(filter, request).await?;
        let next_cursor = page.next.map(|cursor| cursor.to_string());
        let items = views(&self.0.store, self.0.store.now().await?, caller, page.items).await?;
        report_changed(&self.0, caller, &items).await?;
        Ok(Page { items, next_cursor })
    }
}

/// Why nobody can decide an approval whose plan was changed.
const CHANGED: &str = "The plan was changed in the database: it is not shown, and nobody can decide it.";

/// Puts on record which of these approvals have a plan that was changed.
pub async fn report_changed(core: &Core, caller: &Caller, seen: &[ApprovalView]) -> Result<(), ServiceError> {
    let changed = seen.iter().filter(|approval| approval.plan_tampered);
    let findings = changed.map(|approval| Finding {
        what: Kept::Plan,
        target: Target::approval(approval.id),
        incident_id: Some(approval.incident_id),
        digest: approval.plan_digest,
    });
    tampering::report(core, &tampering::found_by(caller), findings.collect()).await
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
    let mut plans = plans::of_approvals(reads, &approvals).await?;
    let mut electorates = electorate::of_caller(reads, caller, &approvals).await?;
    let mut views = Vec::with_capacity(approvals.len());
    for approval in approvals {
        let plan = plans.remove(&approval.id).and_then(Result::ok);
        let incident = incidents
            .get(&approval.incident_id)
            .ok_or_else(|| ServiceError::Corrupt(format!("{} has no incident", approval.id)))?;
        let electorate = electorates.remove(&approval.id).unwrap_or_default();
        let why_not = if plan.is_some() { approval.why_not(&caller.actor, &electorate, now) } else { Some(CHANGED.to_owned()) };
        views.push(ApprovalView {
            incident: brief(incident),
            contributor_names: approval.contributors.iter().filter_map(|id| people.get(id).cloned()).collect(),
            can_decide: why_not.is_none(),
            why_not,
            plan_tampered: plan.is_none(),
            plan: plan.unwrap_or_default(),
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
