//! Runs: asked for, read, cancelled, and a step of unknown outcome resolved. How they execute is in `jobs::advance_run`.

use std::sync::Arc;

use api::runs::{ResolveRequest, ResolvedOutcome, RunRequest, RunRequested, Runs};
use api::{ApiError, Caller, Page, PageRequest, ProblemCode};
use async_trait::async_trait;
use domain::access::{Actor, Permission, Role};
use domain::action::Reach;
use domain::approval::{Approval, ApprovalStatus, REASON_LIMITS};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::{IncidentId, PlaybookId, RunId, StepId, UserId};
use domain::plan::RunMode;
use domain::run::{Run, RunStatus, Step, StepStatus, UndoStatus};
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use store::{Store, Trail, Tx};

use crate::core::{Core, is_answered, kept_view, origin, stop_if_answered};
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::jobs::Job;
use crate::jobs::advance_run::effect_key;
use crate::run_requests;
use crate::tampering::{Finding, Kept};
use crate::views::{page_of, page_request, run_view};

/// The use cases of runs.
pub struct RunCases(pub Arc<Core>);

#[async_trait]
impl Runs for RunCases {
    async fn request(&self, caller: &Caller, incident_id: IncidentId, request: RunRequest) -> Result<RunRequested, ApiError> {
        self.0.permit(caller, Permission::RequestRun).await?;
        let (core, asker) = (Arc::clone(&self.0), caller.clone());
        let requested = self
            .0
            .store
            .write(move |tx| async move { run_requests::ask(&core, &tx, &asker, (incident_id, request)).await })
            .await?;
        self.0.work.notify_one();
        Ok(requested)
    }

    async fn list(&self, caller: &Caller, request: PageRequest) -> Result<Page<Run>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let runs = self.0.store.runs().list(page_request(&request)?).await.map_err(ServiceError::from)?;
        Ok(page_of(runs, run_view))
    }

    async fn get(&self, caller: &Caller, id: RunId) -> Result<Run, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(self.find(id).await?)
    }

    async fn list_of_playbook(&self, caller: &Caller, id: PlaybookId, request: PageRequest) -> Result<Page<Run>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let runs = self.0.store.runs().page_of_playbook(&id, page_request(&request)?).await.map_err(ServiceError::from)?;
        Ok(page_of(runs, run_view))
    }

    async fn get_plan(&self, caller: &Caller, id: RunId) -> Result<Value, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let run = self.find(id).await?;
        match plan_of(&self.0.store, &run).await? {
            Ok(plan) => Ok(serde_json::from_str(&plan).map_err(|error| ServiceError::Corrupt(error.to_string()))?),
            Err(finding) => Ok(finding.refuse(&self.0, caller).await?),
        }
    }

    async fn cancel(&self, caller: &Caller, id: RunId) -> Result<Run, ApiError> {
        self.0.permit(caller, Permission::CancelRun).await?;
        let at = self.0.clock.now();
        loop {
            let origin = origin(caller);
            match self.0.store.write(move |tx| async move { cancel(&tx, id, (&origin, at)).await }).await? {
                Attempt::Done(cancelled) => return Ok(*cancelled),
                Attempt::Overtaken => {}
            }
        }
    }

    async fn resolve(&self, caller: &Caller, id: RunId, step: StepId, request: ResolveRequest) -> Result<Run, ApiError> {
        self.0.check(caller, Permission::ResolveStep).await?;
        if is_answered(caller) {
            self.check_may_still_resolve(caller, id).await?;
        }
        stop_if_answered(caller)?;
        REASON_LIMITS.check(&request.reason).map_err(|error| ApiError::invalid_field("/reason", error.to_string()))?;
        let at = self.0.clock.now();
        loop {
            let (asker, said) = (caller.clone(), (id, step.clone(), request.clone()));
            match self.0.store.write(move |tx| async move { resolve(&tx, &asker, said, at).await }).await? {
                Attempt::Done(resolved) => {
                    self.0.work.notify_one();
                    return Ok(*resolved);
                }
                Attempt::Overtaken => {}
            }
        }
    }
}

impl RunCases {
    /// Whoever repeats what they said must be somebody who may say it.
    async fn check_may_still_resolve(&self, caller: &Caller, id: RunId) -> Result<(), ServiceError> {
        let approval = match self.find(id).await?.approval_id {
            Some(id) => self.0.store.approvals().find(id).await?,
            None => None,
        };
        check_may_resolve(caller, approval.as_ref())
    }

    async fn find(&self, id: RunId) -> Result<Run, ServiceError> {
        let found = self.0.store.runs().find(id).await?;
        found.map(run_view).ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))
    }
}

/// The text of the run's first plan; what was found where it is not the one that the run was asked for with.
async fn plan_of(store: &Store, run: &Run) -> Result<Result<String, Finding>, ServiceError> {
    let stored = store.plans().get(&run.plan_digest).await?;
    let logged = store.audit().facts_of_one(AuditAction::RunRequested, run.incident_id, &run.id.to_string()).await?;
    let is_asked = logged.iter().all(|entry| entry.text("plan_digest") == Some(&*run.plan_digest.to_string()));
    Ok(stored.open().ok().filter(|_| is_asked).ok_or_else(|| plan_finding(run, run.plan_digest)))
}

/// What is said of a run whose plan was changed.
pub fn plan_finding(run: &Run, digest: Digest) -> Finding {
    Finding { what: Kept::Plan, target: Target::run(run.id), incident_id: Some(run.incident_id), digest }
}

/// Where a step's output names the person who said what happened.
const RESOLVED_BY: &str = "resolved_by";

/// Who said what happened in a step of this run: they contributed to it.
pub fn resolvers(run: &Run) -> Vec<UserId> {
    let named = |step: &Step| step.output.as_ref()?[RESOLVED_BY].as_str()?.parse().ok();
    run.steps.iter().filter_map(named).collect()
}

/// How a run ends other than well.
pub struct Ending {
    pub status: RunStatus,
    pub error: Option<String>,
}

/// The run, locked for the rest of the change; `not-found` if there is none.
pub async fn locked(tx: &Tx, id: RunId) -> Result<Run, ServiceError> {
    let found = tx.runs().find(id).await?;
    found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))
}

/// What became of a change that locks a run and its latest approval.
enum Attempt {
    /// The run as its caller sees it then.
    Done(Box<Run>),
    /// The run was given another approval meanwhile: once more.
    Overtaken,
}

/// The run and its latest approval, locked for the rest of the change in the one order that there is; `None` if the run was given
/// another approval in between.
async fn locked_with_approval(tx: &Tx, id: RunId) -> Result<Option<(Run, Option<Approval>)>, ServiceError> {
    let approval = match tx.runs().find_latest_approval(id).await? {
        Some(approval_id) => Some(tx.approvals().get(approval_id).await?),
        None => None,
    };
    let run = locked(tx, id).await?;
    let is_latest = run.approval_id == approval.as_ref().map(|approval| approval.id);
    Ok(is_latest.then_some((run, approval)))
}

/// Ends a run that did not go well, and moves its incident back to where the run was asked from.
pub async fn end(
    tx: &Tx,
    run: &Run,
    ending: Ending,
    (origin, at): (&Origin, Timestamp),
) -> Result<Vec<EntryDraft>, ServiceError> {
    let mut entries = Vec::new();
    if ending.status == RunStatus::Failed || (run.started_at.is_some() && ending.status == RunStatus::Rejected) {
        let entry = run_entry(origin, AuditAction::PlaybookFailed, run).fact("status", ending.status.as_str());
        entries.push(entry.detail(json!({ "error": ending.error })));
    }
    tx.runs().save(&Run { status: ending.status, error: ending.error, finished_at: Some(at), ..run.clone() }, run.status).await?;
    if run.mode == RunMode::Live {
        entries.extend(move_by_system(tx, run.incident_id, run.asked_from, (origin, at)).await?);
    }
    Ok(entries)
}

/// The beginning of an entry about a run.
pub fn run_entry(origin: &Origin, action: AuditAction, run: &Run) -> EntryDraft {
    EntryDraft::new(origin, action, Target::run(run.id))
        .incident(run.incident_id)
        .fact("playbook_id", run.playbook_id.as_str())
        .fact_named("playbook_digest", run.playbook_digest)
        .fact_named("plan_digest", run.plan_digest)
}

/// A step that waits for its next attempt has failed; one that lets time pass has not to any more.
async fn end_waits(tx: &Tx, run: &Run, at: Timestamp) -> Result<(), ServiceError> {
    for step in run.steps.iter().filter(|step| step.due_at.is_some()) {
        let is_wait = step.action.manifest().reach == Reach::Time;
        let status = if is_wait { StepStatus::Skipped } else { StepStatus::Failed };
        let ended = Step { status, due_at: None, finished_at: Some(at), ..step.clone() };
        tx.runs().save_step(run.id, &ended, StepStatus::Running).await?;
    }
    Ok(())
}

/// The run after the change, kept for whoever repeats the request.
async fn done(tx: &Tx, id: RunId, (origin, entries): (&Origin, Vec<EntryDraft>)) -> Result<Trail<Attempt>, ServiceError> {
    let run = run_view(tx.runs().get(id).await?);
    let answered = Trail::new(run, entries).answering(origin, kept_view);
    Ok(answered.map(|run| Attempt::Done(Box::new(run))))
}

async fn cancel(tx: &Tx, id: RunId, (origin, at): (&Origin, Timestamp)) -> Result<Trail<Attempt>, ServiceError> {
    let Some((run, approval)) = locked_with_approval(tx, id).await? else { return Ok(Trail::unchanged(Attempt::Overtaken)) };
    if !run.status.is_active() {
        return Err(ServiceError::refuse(ProblemCode::NotPending, format!("the run has ended already: {}", run.status)));
    }
    let mut entries = vec![run_entry(origin, AuditAction::RunCancelled, &run)];
    end_waits(tx, &run, at).await?;
    if let Some(pending) = approval.filter(|approval| approval.status == ApprovalStatus::Pending) {
        tx.approvals().end(pending.id, ApprovalStatus::Withdrawn, at).await?;
        Job::ExpireApproval(pending.id).call_off(tx).await?;
        Job::WarnOfExpiry(pending.id).call_off(tx).await?;
        entries.push(
            EntryDraft::new(origin, AuditAction::ApprovalWithdrawn, Target::approval(pending.id)).incident(run.incident_id),
        );
    }
    entries.extend(end(tx, &run, Ending { status: RunStatus::Cancelled, error: None }, (origin, at)).await?);
    done(tx, id, (origin, entries)).await
}

async fn resolve(
    tx: &Tx,
    caller: &Caller,
    (id, step_id, request): (RunId, StepId, ResolveRequest),
    at: Timestamp,
) -> Result<Trail<Attempt>, ServiceError> {
    let Some((run, approval)) = locked_with_approval(tx, id).await? else { return Ok(Trail::unchanged(Attempt::Overtaken)) };
    let unknown = run.steps.iter().find(|step| step.id == step_id).filter(|step| step.status == StepStatus::Unknown);
    let Some(step) = unknown.filter(|_| run.status == RunStatus::Paused) else {
        return Err(ServiceError::refuse(ProblemCode::NotPending, format!("the outcome of {step_id} is not in question")));
    };
    check_may_resolve(caller, approval.as_ref())?;
    let resolved = as_found(step, request.outcome);
    let resolver = caller.actor.as_user().map(|person| person.user.id);
    let output = json!({ "resolved": request.outcome, "reason": request.reason.trim(), (RESOLVED_BY): resolver });
    tx.runs().save_step(id, &Step { output: Some(output), finished_at: Some(at), ..resolved }, StepStatus::Unknown).await?;
    if request.outcome == ResolvedOutcome::Failed {
        tx.outbox_messages().withdraw(&effect_key(id, &step_id)).await?;
    }
    tx.runs().save(&Run { status: RunStatus::Running, ..run.clone() }, run.status).await?;
    tx.jobs().enqueue(&Job::AdvanceRun(id).at(at)).await?;
    let origin = origin(caller);
    let entry = run_entry(&origin, AuditAction::StepResolved, &run)
        .fact("step", step_id.as_str())
        .fact("outcome", request.outcome.as_str())
        .detail(json!({ "reason": request.reason.trim() }));
    done(tx, id, (&origin, vec![entry])).await
}

/// The step as a person found it. Of one that was being taken back they say whether that happened; if not, it is still done.
fn as_found(step: &Step, outcome: ResolvedOutcome) -> Step {
    let (status, undo) = match (step.undo, outcome) {
        (None, ResolvedOutcome::Succeeded) => (StepStatus::Succeeded, None),
        (None, ResolvedOutcome::Failed) => (StepStatus::Failed, None),
        (Some(_), ResolvedOutcome::Succeeded) => (StepStatus::Undone, Some(UndoStatus::Succeeded)),
        (Some(_), ResolvedOutcome::Failed) => (StepStatus::Succeeded, Some(UndoStatus::Failed)),
    };
    Step { status, undo, ..step.clone() }
}

/// Of a gated run an approver who is not a contributor, of another one an analyst.
fn check_may_resolve(caller: &Caller, approval: Option<&Approval>) -> Result<(), ServiceError> {
    let Actor::User(person) = &caller.actor else { return Err(domain::access::Denied::Forbidden.into()) };
    let needed = if approval.is_some() { Role::Approver } else { Role::Analyst };
    if !person.roles.contains(&needed) {
        return Err(ServiceError::refuse(ProblemCode::Forbidden, format!("of this run only an {needed} may say what happened")));
    }
    if approval.is_some_and(|approval| approval.contributors.contains(&person.user.id)) {
        return Err(domain::approval::Refusal::SeparationOfDuties.into());
    }
    Ok(())
}
