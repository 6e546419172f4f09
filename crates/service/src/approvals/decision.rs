//! One vote and what follows from it, in one write: the vote, perhaps the grant, the run, the incident, the entries.

use api::approvals::ApprovalView;
use api::{Caller, ProblemCode};
use domain::approval::{Approval, ApprovalStatus, Ballot, Decided, GRANT_START_MS_MAX, Refusal};
use domain::audit::{AuditAction, EntryDraft, Origin, Outcome, Target};
use domain::grant::{Gated, Grant};
use domain::id::ApprovalId;
use domain::incident::State;
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use serde_json::json;
use store::{Trail, Tx};
use uuid::Uuid;

use super::plans;
use crate::approvals::{self, electorate};
use crate::core::{kept_view, origin};
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::jobs::Job;
use crate::run_requests;
use crate::runs::{self, Ending};
use crate::tampering::Finding;

/// Decides, and answers with the approval as its voter sees it then; a refusal is an answer too, and leaves its entry.
pub async fn decide(
    tx: &Tx,
    caller: &Caller,
    (id, ballot): (ApprovalId, Ballot),
    (at, grant_id): (Timestamp, Uuid),
) -> Result<Trail<Result<ApprovalView, Refusal>>, ServiceError> {
    let origin = origin(caller);
    let found = tx.approvals().find(id).await?;
    let approval = found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))?;
    let approver = caller.actor.as_approver()?;
    let electorate = electorate::of_vote(tx, &approval, approver.user_id()).await?;
    match approval.decide(approver, &ballot, &electorate, tx.now().await?) {
        Err(refusal @ Refusal::InvalidReason(_)) => Err(refusal.into()),
        Err(refusal) => {
            let entry = refused_entry(&origin, &approval, &refusal);
            Ok(Trail::new(Err(refusal), vec![entry]))
        }
        Ok(decided) => {
            if let Err(finding) = plans::of_approval(tx, &approval).await? {
                return refuse_changed(tx, finding, (&origin, &approval, at)).await;
            }
            let entries = record(tx, &approval, decided, Moment { origin: &origin, at, id: grant_id }).await?;
            let seen = approvals::view(tx, tx.now().await?, caller, id).await?;
            Ok(Trail::new(Ok(seen), entries).answering(&origin, |seen| kept_view(&seen.as_ref().ok())))
        }
    }
}

/// The plan is not the one that was asked about: nobody signs it.
async fn refuse_changed(
    tx: &Tx,
    finding: Finding,
    (origin, approval, at): (&Origin, &Approval, Timestamp),
) -> Result<Trail<Result<ApprovalView, Refusal>>, ServiceError> {
    let found = Origin { actor: Origin::system().actor, ..origin.clone() };
    let mut entries = vec![refused_entry(origin, approval, &Refusal::PlanChanged)];
    entries.extend(finding.entry(tx, (&found, at)).await?);
    Ok(Trail::new(Err(Refusal::PlanChanged), entries))
}

/// Who decides, when, and the id of the grant that may come of it.
#[derive(Clone, Copy)]
struct Moment<'a> {
    origin: &'a Origin,
    at: Timestamp,
    id: Uuid,
}

async fn record(
    tx: &Tx,
    approval: &Approval,
    Decided { vote, status }: Decided,
    moment: Moment<'_>,
) -> Result<Vec<EntryDraft>, ServiceError> {
    let Moment { origin, at, .. } = moment;
    tx.approvals().insert_vote(approval.id, &vote, &approval.plan_digest).await?;
    let mut entries = vec![
        EntryDraft::new(origin, AuditAction::ApprovalDecided, Target::approval(approval.id))
            .incident(approval.incident_id)
            .fact("decision", vote.decision.as_str())
            .fact("status", status.as_str())
            .fact_named("run_id", approval.run_id)
            .fact_named("plan_digest", approval.plan_digest)
            .fact_named("decided_at", vote.at)
            .detail(json!({ "reason": vote.reason })),
    ];
    if status == ApprovalStatus::Pending {
        entries.extend(run_requests::renew_if_stuck(tx, approval.id, at).await?);
        return Ok(entries);
    }
    run_requests::close(tx, approval.id, status, at).await?;
    let run = runs::locked(tx, approval.run_id).await?;
    if status == ApprovalStatus::Approved {
        entries.extend(grant(tx, approval, &run, moment).await?);
    } else {
        let ending = Ending { status: RunStatus::Rejected, error: Some("rejected".to_owned()) };
        entries.extend(runs::end(tx, &run, ending, (origin, at)).await?);
    }
    Ok(entries)
}

/// The grant starts the run, or carries it past its gate.
async fn grant(
    tx: &Tx,
    approval: &Approval,
    run: &Run,
    Moment { origin, at, id }: Moment<'_>,
) -> Result<Option<EntryDraft>, ServiceError> {
    let granted_at = tx.now().await?;
    let start_by = granted_at.plus_ms(GRANT_START_MS_MAX);
    let gate = approval.step.clone().map_or(Gated::AtStart, Gated::AtStep);
    let new =
        Grant { id, approval_id: approval.id, run_id: run.id, plan_digest: approval.plan_digest, gate, granted_at, start_by };
    tx.approvals().insert_grant(&new).await?;
    tx.runs().save(&Run { status: RunStatus::Queued, ..run.clone() }, RunStatus::AwaitingApproval).await?;
    tx.jobs().enqueue(&Job::AdvanceRun(run.id).at(at)).await?;
    move_by_system(tx, run.incident_id, State::InProgress, (origin, at)).await
}

fn refused_entry(origin: &Origin, approval: &Approval, refusal: &Refusal) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::DecisionRefused, Target::approval(approval.id))
        .incident(approval.incident_id)
        .outcome(Outcome::Denied)
        .fact("refusal", word_of(refusal))
}

fn word_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::InvalidReason(_) => "invalid",
        Refusal::NotPending(_) => "not-pending",
        Refusal::SeparationOfDuties | Refusal::ApproverSince | Refusal::InTheirHand(_) | Refusal::SetVoter(_) => {
            "separation-of-duties"
        }
        Refusal::AlreadyVoted => "already-voted",
        Refusal::StepUpRequired => "step-up-required",
        Refusal::PlanChanged => "plan-changed",
        Refusal::NoApprover => "forbidden",
    }
}
