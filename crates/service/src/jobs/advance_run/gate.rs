//! Where a run must hold a signature: at its start, at a gated step, and when a connector is no longer the one that was signed.

use std::sync::Arc;

use domain::approval::APPROVAL_EXPIRES_S_DEFAULT;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::{ApprovalId, StepId};
use domain::plan::{ApprovalReason, GatePlan, RunMode};
use domain::run::{Run, RunStatus};
use playbooks::{Scope, Terms, remaining};
use store::{ClaimedJob, Gated, StoredPlan, Trail};
use uuid::Uuid;

use super::{Progress, Underway};
use crate::core::Core;
use crate::error::ServiceError;
use crate::planning::CoreBindings;
use crate::run_requests::{Signature, ask_signature};
use crate::runs::{self, run_entry};
use crate::worker::LEASE_MS;

/// May the step run?
pub enum Standing {
    /// Yes, under this grant if it is gated.
    Clear(Option<Uuid>),
    /// Its gate was not signed yet.
    Unsigned,
    /// The connector is no longer the one of the plan.
    Changed,
}

/// Starts a queued run, or carries it past its gate: in time, and while its quorum still holds.
pub async fn start(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    let run = underway.run.clone();
    if let Some(approval_id) = run.approval_id
        && !is_granted(core, approval_id).await?
    {
        return ask_anew(core, job, underway).await;
    }
    let (job, at) = (job.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Queued {
                return Ok(Trail::unchanged(Progress::More));
            }
            let entry =
                run_entry(&Origin::system(), AuditAction::PlaybookStarted, &run).fact("resumed", run.started_at.is_some());
            tx.runs()
                .save(&Run { status: RunStatus::Running, started_at: run.started_at.or(Some(at)), ..run }, RunStatus::Queued)
                .await?;
            Ok::<_, ServiceError>(Trail::new(Progress::More, vec![entry]))
        })
        .await
}

/// Was it granted, is there still time, and does its quorum still hold?
async fn is_granted(core: &Core, id: ApprovalId) -> Result<bool, ServiceError> {
    let approvals = core.store.approvals();
    let (Some(approval), Some(grant)) = (approvals.find(id).await?, approvals.find_grant(id).await?) else { return Ok(false) };
    Ok(core.store.now().await? <= grant.start_by && approvals.count_standing_votes(id).await? >= usize::from(approval.quorum))
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

/// Does the step hold what it needs?
pub async fn check(core: &Core, underway: &Underway, step: &StepId) -> Result<Standing, ServiceError> {
    let run = &underway.run;
    let same = underway.actions.iter().find(|action| action.step == *step).is_some_and(|action| {
        let connector = core.registry.of(action.action, run.mode);
        action.connector == connector.name() && action.connector_revision == connector.revision()
    });
    let gate = gate_of(underway, step);
    if gate == Gated::Nowhere {
        return Ok(if same { Standing::Clear(None) } else { Standing::Changed });
    }
    let grants = core.store.approvals().grants_of_run(run.id).await?;
    let grant = grants.into_iter().rfind(|grant| grant.gate == gate);
    Ok(match grant.filter(|_| same) {
        Some(grant) => Standing::Clear(Some(grant.id)),
        None => Standing::Unsigned,
    })
}

fn gate_of(underway: &Underway, step: &StepId) -> Gated {
    let position = underway.run.steps.iter().position(|known| known.id == *step);
    position.and_then(|position| underway.gates.get(position).cloned()).unwrap_or(Gated::Nowhere)
}

/// Stops before a step until the steps that are left are signed, resolved again as they stand now.
pub async fn ask_for_rest(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    step: StepId,
) -> Result<Progress, ServiceError> {
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    let scope = Scope::in_run(&underway.facts, &run.steps, at);
    let terms = Terms { mode: run.mode, bindings: &CoreBindings(core) };
    let actions = remaining(&underway.actions, &step, &scope, &terms).map_err(|error| ServiceError::Invalid(error.errors))?;
    let plan = GatePlan { plan_digest: run.plan_digest, from_step: step.clone(), actions };
    let gate_step = if let Gated::AtStep(step) = gate_of(underway, &step) { Some(step) } else { None };
    let demanded = underway.actions.iter().find(|action| action.step == step).and_then(|action| action.gate.clone());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let digest = plan.digest();
            tx.plans()
                .insert_if_new(&StoredPlan { digest, incident_id: run.incident_id, body: plan.canonical(), created_at: at })
                .await?;
            let signature = Signature {
                run_id: run.id,
                incident_id: run.incident_id,
                step: gate_step,
                plan_digest: digest,
                quorum: demanded.as_ref().map_or(1, |gate| gate.quorum),
                expires_in_s: demanded.as_ref().map_or(APPROVAL_EXPIRES_S_DEFAULT, |gate| gate.expires_in_s),
                reasons: vec![ApprovalReason {
                    rule: "gate".to_owned(),
                    detail: format!("the steps from {step} on must be signed"),
                }],
                asker: run.requested_by.clone(),
                return_to: run.asked_from,
                resolvers: runs::resolvers(&run),
            };
            let (_, entries) = ask_signature(&tx, signature, (&Origin::system(), at)).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::Done, entries))
        })
        .await
}

/// The grant came too late, or its quorum no longer holds: the same plan must be signed again.
async fn ask_anew(core: &Core, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let stale = match run.approval_id {
                Some(id) => tx.approvals().find(id).await?,
                None => None,
            };
            let stale = stale.ok_or_else(|| ServiceError::Corrupt(format!("{} has no approval", run.id)))?;
            let origin = Origin::system();
            let mut entries =
                vec![EntryDraft::new(&origin, AuditAction::ApprovalStale, Target::approval(stale.id)).incident(run.incident_id)];
            let lifetime_ms = stale.expires_at.since_ms(stale.requested_at);
            let signature = Signature {
                run_id: run.id,
                incident_id: run.incident_id,
                step: stale.step.clone(),
                plan_digest: stale.plan_digest,
                quorum: stale.quorum,
                expires_in_s: u32::try_from(lifetime_ms / 1000).unwrap_or(APPROVAL_EXPIRES_S_DEFAULT),
                reasons: stale.reasons.clone(),
                asker: run.requested_by.clone(),
                return_to: run.asked_from,
                resolvers: runs::resolvers(&run),
            };
            let (_, asked) = ask_signature(&tx, signature, (&origin, at)).await?;
            entries.extend(asked);
            Ok::<_, ServiceError>(Trail::new(Progress::Done, entries))
        })
        .await
}
