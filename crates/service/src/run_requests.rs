//! Asking for a run: plan, run, approval and the incident's move are one write. Asking anew for a signature is here too.

use api::runs::RunRequest;
use api::{Caller, ProblemCode};
use domain::approval::APPROVAL_EXPIRES_S_MAX;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId, RunId, StepId, UserId};
use domain::incident::{IllegalTransition, State, may_ask_for_run};
use domain::plan::{ApprovalReason, Plan, RunMode};
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use store::{Gated, NewApproval, NewRun, NewStep, StoredPlan, Trail, Tx};

use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::jobs::Job;
use crate::planning;

/// What was asked for.
pub struct Asked {
    pub run_id: RunId,
    pub approval_id: Option<ApprovalId>,
}

/// Plans, stores and, where the plan says so, asks for signatures.
pub async fn ask(
    core: &Core,
    tx: &Tx,
    caller: &Caller,
    (id, request): (IncidentId, RunRequest),
) -> Result<Trail<Asked>, ServiceError> {
    let (origin, at, mode) = (origin(caller), core.clock.now(), request.mode.unwrap_or(RunMode::Live));
    let facts = planning::facts_in(tx, id).await?;
    let from = facts.incident.state;
    check_may_ask(tx, id, from, mode).await?;
    let plan = planning::plan(core, &facts, request.playbook_id.as_ref(), mode)?;
    let digest = plan.digest();
    if request.plan_digest.is_some_and(|seen| seen != digest) {
        return Err(ServiceError::refuse(ProblemCode::PlanChanged, format!("the plan is {} now", digest.start())));
    }
    tx.plans().insert_if_new(&StoredPlan { digest, incident_id: id, body: plan.canonical(), created_at: at }).await?;
    let asker = caller.actor.as_user().map(|person| person.user.clone());
    let run_id = tx.runs().insert(&new_run(&plan, digest, (from, at), asker.clone())).await?;
    let mut entries = vec![requested_entry(&origin, run_id, &plan, digest)];
    let approval_id = if plan.approval.required && mode == RunMode::Live {
        let signature = Signature {
            run_id,
            incident_id: id,
            step: None,
            plan_digest: digest,
            quorum: plan.approval.quorum,
            expires_in_s: plan.approval.expires_in_s,
            reasons: plan.approval.reasons.clone(),
            asker,
            return_to: from,
            resolvers: Vec::new(),
        };
        let (approval_id, asked) = ask_signature(tx, signature, (&origin, at)).await?;
        entries.extend(asked);
        Some(approval_id)
    } else {
        if mode == RunMode::Live {
            entries.extend(move_by_system(tx, id, State::InProgress, (&origin, at)).await?);
        }
        tx.jobs().enqueue(&Job::AdvanceRun(run_id).at(at)).await?;
        None
    };
    Ok(Trail::new(Asked { run_id, approval_id }, entries))
}

async fn check_may_ask(tx: &Tx, id: IncidentId, from: State, mode: RunMode) -> Result<(), ServiceError> {
    if mode == RunMode::DryRun {
        return Ok(());
    }
    if tx.runs().active_of_incident(id).await?.is_some() {
        return Err(ServiceError::refuse(
            ProblemCode::RunActive,
            "a run is active on this incident; cancel it or wait for its end",
        ));
    }
    if may_ask_for_run(from) {
        return Ok(());
    }
    let allowed = domain::incident::next_by_hand(from).to_vec();
    Err(IllegalTransition { from, to: State::InProgress, allowed }.into())
}

fn new_run(plan: &Plan, digest: Digest, (from, at): (State, Timestamp), asker: Option<UserRef>) -> NewRun {
    let required = plan.approval.required && plan.mode == RunMode::Live;
    let mut gated = if required { Gated::AtStart } else { Gated::Nowhere };
    let steps = plan.actions.iter().map(|action| {
        if action.gate.is_some() && plan.mode == RunMode::Live {
            gated = Gated::AtStep(action.step.clone());
        }
        NewStep { id: action.step.clone(), action: action.action, connector: action.connector.clone(), gated: gated.clone() }
    });
    NewRun {
        steps: steps.collect(),
        incident_id: plan.incident_id,
        playbook_id: plan.playbook.id.clone(),
        playbook_digest: plan.playbook.digest,
        plan_digest: digest,
        mode: plan.mode,
        status: if required { RunStatus::AwaitingApproval } else { RunStatus::Queued },
        requested_by: asker.map(|asker| asker.id),
        approval_required: required,
        asked_from: from,
        requested_at: at,
    }
}

fn requested_entry(origin: &Origin, run_id: RunId, plan: &Plan, digest: Digest) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::RunRequested, Target::run(run_id))
        .incident(plan.incident_id)
        .fact("playbook_id", plan.playbook.id.as_str())
        .fact_named("playbook_digest", plan.playbook.digest)
        .fact_named("plan_digest", digest)
        .fact("mode", plan.mode.as_str())
}

/// A signature to be asked for.
pub struct Signature {
    pub run_id: RunId,
    pub incident_id: IncidentId,
    /// The gated step, or the whole run.
    pub step: Option<StepId>,
    pub plan_digest: Digest,
    pub quorum: u8,
    pub expires_in_s: u32,
    pub reasons: Vec<ApprovalReason>,
    pub asker: Option<UserRef>,
    /// Where the incident goes if it is not given.
    pub return_to: State,
    /// Who said what happened in a step of this run.
    pub resolvers: Vec<UserId>,
}

/// Asks for a signature: approval, contributors, the run's and the incident's wait, and the job that ends it in time.
pub async fn ask_signature(
    tx: &Tx,
    signature: Signature,
    (origin, at): (&Origin, Timestamp),
) -> Result<(ApprovalId, Vec<EntryDraft>), ServiceError> {
    let expires_at = tx.now().await?.plus_ms(i64::from(signature.expires_in_s.min(APPROVAL_EXPIRES_S_MAX)) * 1000);
    let contributors = contributors(tx, &signature).await?;
    let new = NewApproval {
        incident_id: signature.incident_id,
        run_id: signature.run_id,
        step: signature.step.clone(),
        plan_digest: signature.plan_digest,
        reasons: signature.reasons,
        requested_by: signature.asker.map(|asker| asker.id),
        requested_at: at,
        expires_at,
        quorum: signature.quorum,
        return_to: signature.return_to,
        contributors,
    };
    let id = tx.approvals().insert(&new).await?;
    let run = tx.runs().get(signature.run_id).await?;
    let from = run.status;
    tx.runs().save(&Run { status: RunStatus::AwaitingApproval, approval_id: Some(id), ..run }, from).await?;
    tx.runs().set_current_plan(signature.run_id, &signature.plan_digest).await?;
    tx.jobs().enqueue(&Job::ExpireApproval(id).at(expires_at)).await?;
    let mut entries = vec![requested_approval_entry(origin, id, &new)];
    entries.extend(move_by_system(tx, signature.incident_id, State::AwaitingApproval, (origin, at)).await?);
    Ok((id, entries))
}

/// The requester, those who posted an alert of the incident by hand, those who resolved a step of this run, and those who uploaded
/// the very version of the playbook that runs.
async fn contributors(tx: &Tx, signature: &Signature) -> Result<Vec<UserId>, ServiceError> {
    let mut contributors = tx.alerts().submitters_of_incident(signature.incident_id).await?;
    contributors.extend(tx.incidents().contributors(signature.incident_id).await?);
    contributors.extend(signature.asker.as_ref().map(|asker| asker.id));
    contributors.extend(signature.resolvers.iter().copied());
    let run = tx.runs().get(signature.run_id).await?;
    contributors.extend(tx.playbook_uploads().authors_of(&run.playbook_digest).await?);
    contributors.sort();
    contributors.dedup();
    Ok(contributors)
}

fn requested_approval_entry(origin: &Origin, id: ApprovalId, new: &NewApproval) -> EntryDraft {
    let contributors: Vec<String> = new.contributors.iter().map(ToString::to_string).collect();
    EntryDraft::new(origin, AuditAction::ApprovalRequested, Target::approval(id))
        .incident(new.incident_id)
        .fact_named("run_id", new.run_id)
        .fact_named("plan_digest", new.plan_digest)
        .fact("quorum", new.quorum)
        .fact_named("expires_at", new.expires_at)
        .fact("contributors", contributors)
}
