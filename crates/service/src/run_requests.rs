//! Asking for a run: plan, run, approval and the incident's move are one write. Asking anew for a signature is here too.

use api::runs::{RunRequest, RunRequested};
use api::{Caller, ProblemCode};
use domain::access::Actor;
use domain::approval::{APPROVAL_EXPIRES_S_MAX, Approval, ApprovalStatus};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::grant::Gated;
use domain::id::{ApprovalId, IncidentId, RunId, StepId, UserId};
use domain::incident::{IllegalTransition, State, may_ask_for_run};
use domain::plan::{ApprovalDemand, Plan, RunMode};
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use playbooks::Starter;
use store::{NewApproval, NewRun, NewStep, StoredPlan, Trail, Tx};

use crate::approvals;
use crate::core::{Core, kept, origin};
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::jobs::Job;
use crate::planning;
use crate::runs::{self, resolvers};

/// Plans, stores and, where the plan says so, asks for signatures.
pub async fn ask(
    core: &Core,
    tx: &Tx,
    caller: &Caller,
    (id, request): (IncidentId, RunRequest),
) -> Result<Trail<RunRequested>, ServiceError> {
    let (origin, at, mode) = (origin(caller), core.clock.now(), request.mode.unwrap_or(RunMode::Live));
    let facts = planning::facts_in(tx, id).await?;
    let from = facts.incident.state;
    check_may_ask(tx, id, from, mode).await?;
    let starter = if caller.actor == Actor::System { Starter::Itself } else { Starter::Person };
    let facts = planning::judged(tx, core, facts).await?;
    let plan = planning::plan(core, &facts, request.playbook_id.as_ref(), (mode, starter))?;
    let digest = plan.digest();
    if request.plan_digest.is_some_and(|seen| seen != digest) {
        return Err(ServiceError::refuse(ProblemCode::PlanChanged, format!("the plan is {} now", digest.start())));
    }
    tx.plans().insert_if_new(&StoredPlan { digest, incident_id: id, body: plan.canonical(), created_at: at }).await?;
    let asker = caller.actor.as_user().map(|person| person.user.clone());
    let run_id = tx.runs().insert(&new_run(&plan, digest, (from, at), asker.clone())).await?;
    let mut entries = vec![requested_entry(&origin, run_id, &plan, digest)];
    let approval_id = if plan.approval.required && mode == RunMode::Live {
        let run = tx.runs().get(run_id).await?;
        let signature = Signature { run, step: None, plan_digest: digest, demand: plan.approval.clone() };
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
    let run = tx.runs().get(run_id).await?;
    let approval = match approval_id {
        Some(id) => Some(approvals::view(tx, tx.now().await?, caller, id).await?),
        None => None,
    };
    Ok(Trail::new(RunRequested { run, approval }, entries).answering(&origin, kept))
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
        if action.gate.is_some() && !action.skipped && plan.mode == RunMode::Live {
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
    /// Locked by this change.
    pub run: Run,
    /// The gated step, or the whole run.
    pub step: Option<StepId>,
    pub plan_digest: Digest,
    pub demand: ApprovalDemand,
}

/// Asks for a signature: approval, contributors, the run's and the incident's wait, and the job that ends it in time.
pub async fn ask_signature(
    tx: &Tx,
    Signature { run, step, plan_digest, demand }: Signature,
    (origin, at): (&Origin, Timestamp),
) -> Result<(ApprovalId, Vec<EntryDraft>), ServiceError> {
    let requested_at = tx.now().await?;
    let expires_at = requested_at.plus_ms(i64::from(demand.expires_in_s.min(APPROVAL_EXPIRES_S_MAX)) * 1000);
    let new = NewApproval {
        incident_id: run.incident_id,
        run_id: run.id,
        step,
        plan_digest,
        reasons: demand.reasons,
        requested_by: run.requested_by.as_ref().map(|asker| asker.id),
        requested_at,
        expires_at,
        quorum: demand.quorum,
        return_to: run.asked_from,
        contributors: contributors(tx, &run).await?,
    };
    let id = tx.approvals().insert(&new).await?;
    let made = tx.approvals().get(id).await?;
    let first_asked_at = tx.approvals().first_asked_at(&[made]).await?.remove(&id).unwrap_or(requested_at);
    let (run_id, incident_id, from) = (run.id, run.incident_id, run.status);
    tx.runs().save(&Run { status: RunStatus::AwaitingApproval, approval_id: Some(id), ..run }, from).await?;
    tx.runs().set_current_plan(run_id, &plan_digest).await?;
    tx.jobs().enqueue(&Job::ExpireApproval(id).at(expires_at)).await?;
    let mut entries = vec![requested_approval_entry(origin, id, &new).fact_named("first_asked_at", first_asked_at)];
    entries.extend(move_by_system(tx, incident_id, State::AwaitingApproval, (origin, at)).await?);
    Ok((id, entries))
}

/// Ends a pending approval, and whatever waits for its end.
pub async fn close(tx: &Tx, id: ApprovalId, status: ApprovalStatus, at: Timestamp) -> Result<(), ServiceError> {
    tx.approvals().end(id, status, at).await?;
    Job::ExpireApproval(id).call_off(tx).await?;
    Ok(Job::WarnOfExpiry(id).call_off(tx).await?)
}

/// Asks anew for a pending approval whose signatures are not enough although all were given, because some do not count any more, and whose rest
/// nobody else can give: whoever signed cannot do so twice.
pub async fn renew_if_stuck(tx: &Tx, id: ApprovalId, at: Timestamp) -> Result<Vec<EntryDraft>, ServiceError> {
    let approval = tx.approvals().get(id).await?;
    if approval.is_stuck(&tx.users().list_approvers().await?) { renew(tx, approval, at).await } else { Ok(Vec::new()) }
}

/// Asks anew for what somebody signed who could not decide for a while, and can again: all signatures were given meanwhile, and none of those who
/// gave them could complete it.
pub async fn renew_interrupted_by(tx: &Tx, person: UserId, at: Timestamp) -> Result<Vec<EntryDraft>, ServiceError> {
    let mut entries = Vec::new();
    for id in tx.approvals().list_pending_with_vote_of(person).await? {
        let approval = tx.approvals().get(id).await?;
        if approval.status == ApprovalStatus::Pending && approval.has_all_signatures() {
            entries.extend(renew(tx, approval, at).await?);
        }
    }
    Ok(entries)
}

async fn renew(tx: &Tx, approval: Approval, at: Timestamp) -> Result<Vec<EntryDraft>, ServiceError> {
    close(tx, approval.id, ApprovalStatus::Withdrawn, at).await?;
    let run = runs::locked(tx, approval.run_id).await?;
    let origin = Origin::system();
    let stale =
        EntryDraft::new(&origin, AuditAction::ApprovalStale, Target::approval(approval.id)).incident(approval.incident_id);
    let lasting_ms = approval.expires_at.since_ms(approval.requested_at);
    let demand = ApprovalDemand {
        required: true,
        quorum: approval.quorum,
        expires_in_s: u32::try_from(lasting_ms / 1_000).unwrap_or(APPROVAL_EXPIRES_S_MAX),
        reasons: approval.reasons,
    };
    let signature = Signature { run, step: approval.step, plan_digest: approval.plan_digest, demand };
    let (_, asked) = ask_signature(tx, signature, (&origin, at)).await?;
    Ok([vec![stale], asked].concat())
}

/// The requester, those who posted an alert of the incident by hand, those who set what plans read of it, those who resolved a step of this run,
/// those who uploaded the very version of the playbook that runs, and those who moved the incident, if that playbook reads where it stands.
async fn contributors(tx: &Tx, run: &Run) -> Result<Vec<UserId>, ServiceError> {
    let mut contributors = tx.alerts().submitters_of_incident(run.incident_id).await?;
    contributors.extend(tx.incidents().contributors(run.incident_id).await?);
    if planning::reads_state(tx, &run.playbook_digest).await? {
        contributors.extend(tx.incidents().movers(run.incident_id).await?);
    }
    contributors.extend(run.requested_by.as_ref().map(|asker| asker.id));
    contributors.extend(resolvers(run));
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
