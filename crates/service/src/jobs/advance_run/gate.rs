//! Where a run must hold a signature: at its start, at a gated step, and when a connector is no longer the one that was signed.

use std::sync::Arc;

use domain::approval::Approval;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::grant::Gated;
use domain::id::StepId;
use domain::plan::{ApprovalDemand, GatePlan, Plan, RunMode};
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use playbooks::{PlanError, Situation, Starter, Terms, remaining, remaining_anew};
use store::{ClaimedJob, StoredPlan, Trail, Tx};

use super::{Progress, Underway, fail};
use crate::core::Core;
use crate::error::ServiceError;
use crate::planning::{self, CoreBindings};
use crate::run_requests::{Signature, ask_signature};
use crate::runs::{self, run_entry};
use crate::worker::LEASE_MS;

/// Why a run stops before a step to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It stands behind a gate that nobody has opened yet.
    Gate,
    /// What was signed is no longer what would run.
    StalePlan,
}

/// Starts a queued run, or carries it past its gate: in time, and while its quorum still holds. Else the same plan must be signed
/// again. All of it is looked at in the write that starts the run: nothing can change in between.
pub async fn start(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    let (job, at, plan) = (job.clone(), core.clock.now(), underway.plan.clone());
    let (id, approval_id) = (underway.run.id, underway.run.approval_id);
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            let approval = match approval_id {
                Some(id) => Some(tx.approvals().get(id).await?),
                None => None,
            };
            let run = runs::locked(&tx, id).await?;
            if run.status != RunStatus::Queued || run.approval_id != approval_id {
                return Ok(Trail::unchanged(Progress::More));
            }
            match approval {
                Some(approval) if !opens(&tx, &approval).await? => {
                    tx.jobs().finish(&job).await?;
                    let demand = demand_at(&run, &plan, &gate_of(&approval))?;
                    let signature = Signature { run, step: approval.step, plan_digest: approval.plan_digest, demand };
                    Ok(Trail::new(Progress::Done, ask_anew(&tx, signature, at).await?))
                }
                _ => Ok::<_, ServiceError>(Trail::new(Progress::More, set_running(&tx, run, at).await?)),
            }
        })
        .await
}

async fn opens(tx: &Tx, approval: &Approval) -> Result<bool, ServiceError> {
    let Some(grant) = tx.approvals().find_grant(approval.id).await? else { return Ok(false) };
    let approvers = tx.users().approvers_among(approval.voters().collect()).await?;
    Ok(grant.opens(approval, &approvers, tx.now().await?))
}

async fn set_running(tx: &Tx, run: Run, at: Timestamp) -> Result<Vec<EntryDraft>, ServiceError> {
    let start = if run.started_at.is_some() { "resumed" } else { "first" };
    let entry = run_entry(&Origin::system(), AuditAction::PlaybookStarted, &run).fact("start", start);
    let started_at = run.started_at.or(Some(at));
    tx.runs().save(&Run { status: RunStatus::Running, started_at, ..run }, RunStatus::Queued).await?;
    Ok(vec![entry])
}

/// The steps whose gate people have signed; in a dry run nobody has to.
pub async fn passed(core: &Core, underway: &Underway) -> Result<Vec<StepId>, ServiceError> {
    if underway.run.mode == RunMode::DryRun {
        return Ok(underway.actions.iter().map(|action| action.step.clone()).collect());
    }
    let grants = core.store.approvals().grants_of_run(underway.run.id).await?;
    let step = |gate: Gated| if let Gated::AtStep(step) = gate { Some(step) } else { None };
    Ok(grants.into_iter().filter_map(|grant| step(grant.gate)).collect())
}

/// Stops before a step until the steps that are left are signed, resolved again as they stand now.
pub async fn ask_for_rest(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    (step, occasion): (StepId, Occasion),
) -> Result<Progress, ServiceError> {
    let gate = underway.gate_of(&step);
    let rest = match rest_from(core, underway, step).await? {
        Ok(rest) => rest,
        Err(error) => return fail(core, job, &underway.run, error.to_string()).await,
    };
    let demand = demand_at(&underway.run, &underway.plan, &gate)?;
    let (job, id, at) = (job.clone(), underway.run.id, core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let run = runs::locked(&tx, id).await?;
            if run.status != RunStatus::Running {
                return Ok(Trail::unchanged(Progress::More));
            }
            let digest = rest.digest();
            let stored = StoredPlan { digest, incident_id: run.incident_id, body: rest.canonical(), created_at: at };
            tx.plans().insert_if_new(&stored).await?;
            let step = if let Gated::AtStep(step) = gate { Some(step) } else { None };
            let signature = Signature { run, step, plan_digest: digest, demand };
            let entries = match occasion {
                Occasion::Gate => ask_signature(&tx, signature, (&Origin::system(), at)).await?.1,
                Occasion::StalePlan => ask_anew(&tx, signature, at).await?,
            };
            Ok::<_, ServiceError>(Trail::new(Progress::Done, entries))
        })
        .await
}

/// The steps that are left, as they stand now. What they read of the incident is what the run's first plan holds of it; if that is of a version
/// that held nothing, it is read now.
async fn rest_from(core: &Core, underway: &Underway, step: StepId) -> Result<Result<GatePlan, PlanError>, ServiceError> {
    let (run, at) = (&underway.run, core.clock.now());
    let terms = Terms { mode: run.mode, starter: Starter::Person, bindings: &CoreBindings(core) };
    let left = if underway.facts.is_some() {
        remaining(&underway.actions, &step, &underway.scope(at), &terms).map(|actions| (actions, None))
    } else {
        let facts = planning::facts(&core.store, run.incident_id).await?;
        let facts = facts.ok_or_else(|| ServiceError::Corrupt(format!("{} has no incident", run.id)))?;
        let situation = Situation { facts: &facts, steps: &run.steps, at };
        remaining_anew(&underway.actions, &step, &situation, &terms).map(|(actions, facts)| (actions, Some(facts)))
    };
    // What was signed in the place of facts that the first plan lacks stays in force.
    let held = underway.facts.clone().filter(|_| underway.plan.facts.is_none());
    let plan_digest = run.plan_digest;
    Ok(left.map(|(actions, facts)| GatePlan { plan_digest, from_step: step, actions, facts: facts.or(held) }))
}

/// What was signed does not hold: it is put on record, and a new signature asked for.
async fn ask_anew(tx: &Tx, signature: Signature, at: Timestamp) -> Result<Vec<EntryDraft>, ServiceError> {
    let origin = Origin::system();
    let run = &signature.run;
    let stale = run.approval_id.ok_or_else(|| ServiceError::Corrupt(format!("{} has no approval", run.id)))?;
    let stale = EntryDraft::new(&origin, AuditAction::ApprovalStale, Target::approval(stale)).incident(run.incident_id);
    let (_, asked) = ask_signature(tx, signature, (&origin, at)).await?;
    Ok([vec![stale], asked].concat())
}

/// How a signature is asked for at this gate: the run's first plan says so, however often it is asked for.
fn demand_at(run: &Run, plan: &Plan, gate: &Gated) -> Result<ApprovalDemand, ServiceError> {
    plan.demand_at(gate).ok_or_else(|| ServiceError::Corrupt(format!("the plan of {} asks for no signature at {gate:?}", run.id)))
}

fn gate_of(approval: &Approval) -> Gated {
    approval.step.clone().map_or(Gated::AtStart, Gated::AtStep)
}
