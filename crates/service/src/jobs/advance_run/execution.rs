//! One step: the intent on record, the connector called, the outcome on record.

use std::sync::Arc;

use connectors::{ConnectorError, Effect};
use domain::audit::{AuditAction, Outcome};
use domain::id::{RunId, StepId};
use domain::run::{Run, RunStatus, Step, StepStatus};
use serde_json::{Map, Value};
use store::{ClaimedJob, EffectKind, Trail};
use uuid::Uuid;

use super::{Progress, Underway, error_detail, step_entry};
use crate::core::Core;
use crate::crash_point::CrashPoint;
use crate::error::ServiceError;
use crate::runs;
use crate::worker::{HEARTBEAT, LEASE_MS};

/// The name of an effect: the same for every attempt at the same step of the same run.
pub fn effect_key(run: RunId, step: &StepId) -> String {
    format!("{run}.{step}")
}

/// Carries out a step with this input, under this grant if it is gated.
pub async fn execute(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    (id, input, grant_id): (StepId, Map<String, Value>, Option<Uuid>),
) -> Result<Progress, ServiceError> {
    begin(core, job, underway, (id.clone(), input, grant_id)).await?;
    CrashPoint::EffectCommitted.reach();
    perform(core, job, &underway.run, &id).await?;
    Ok(Progress::More)
}

/// Puts the intent on record, with the grant that covers it. Nothing has happened yet.
async fn begin(
    core: &Core,
    job: &ClaimedJob,
    underway: &Underway,
    (id, input, grant_id): (StepId, Map<String, Value>, Option<Uuid>),
) -> Result<(), ServiceError> {
    let step = step_of(underway, &id)?;
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                return Ok(Trail::unchanged(()));
            }
            let effect = store::Effect {
                key: effect_key(run.id, &id),
                run_id: run.id,
                step: id.clone(),
                kind: EffectKind::Do,
                grant_id,
                action: step.action,
                connector: step.connector.clone(),
                input: input.clone(),
                started_at: at,
            };
            tx.effects().insert(&effect).await?;
            let entry = step_entry(AuditAction::ActionStarted, &run, &id, step.action.as_str())
                .fact("connector", step.connector.as_str());
            let attempts = step.attempts + 1;
            let started =
                Step { status: StepStatus::Running, attempts, input: Some(Value::Object(input)), started_at: Some(at), ..step };
            tx.runs().save_step(run.id, &started, StepStatus::Pending).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![entry]))
        })
        .await
}

/// Calls the connector for a step whose intent is on record, and puts the outcome on record.
pub async fn perform(core: &Arc<Core>, job: &ClaimedJob, run: &Run, id: &StepId) -> Result<(), ServiceError> {
    let now = core.store.runs().find(run.id).await?;
    let step =
        now.and_then(|run| run.steps.into_iter().find(|step| step.id == *id)).filter(|step| step.status == StepStatus::Running);
    let Some(step) = step else { return Ok(()) };
    let parameters = match &step.input {
        Some(Value::Object(parameters)) => parameters.clone(),
        _ => Map::new(),
    };
    let effect = Effect {
        key: effect_key(run.id, id),
        incident_id: run.incident_id,
        run_id: run.id,
        step: id.clone(),
        action: step.action,
        parameters,
    };
    let connector = Arc::clone(core.registry.of(step.action, run.mode));
    // A worker that was held up for longer than its lease has lost the step to another one.
    core.store.heartbeat_job(job, LEASE_MS).await?;
    let outcome = while_holding(core, job, async move { connector.perform(&effect).await }).await?;
    CrashPoint::ConnectorCalled.reach();
    record(core, job, run, (step, outcome)).await
}

/// Keeps the job's lease while the connector works.
async fn while_holding<T>(core: &Core, job: &ClaimedJob, work: impl Future<Output = T>) -> Result<T, ServiceError> {
    let mut work = std::pin::pin!(work);
    loop {
        match tokio::time::timeout(HEARTBEAT, &mut work).await {
            Ok(done) => return Ok(done),
            Err(_) => core.store.heartbeat_job(job, LEASE_MS).await?,
        }
    }
}

async fn record(
    core: &Core,
    job: &ClaimedJob,
    run: &Run,
    (step, outcome): (Step, Result<Value, ConnectorError>),
) -> Result<(), ServiceError> {
    let (job, run, at) = (job.clone(), run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            let (finished, entry) = match outcome {
                Ok(output) => (
                    Step { status: StepStatus::Succeeded, output: Some(output), finished_at: Some(at), ..step.clone() },
                    step_entry(AuditAction::ActionSucceeded, &run, &step.id, step.action.as_str()),
                ),
                Err(error) => (
                    Step { status: StepStatus::Failed, error: Some(error.to_string()), finished_at: Some(at), ..step.clone() },
                    step_entry(AuditAction::ActionFailed, &run, &step.id, step.action.as_str())
                        .outcome(Outcome::Error)
                        .detail(error_detail(&error.to_string())),
                ),
            };
            tx.runs().save_step(run.id, &finished, StepStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![entry.fact("connector", step.connector.as_str())]))
        })
        .await
}

/// Puts on record that a step's condition is false.
pub async fn skip(
    core: &Core,
    job: &ClaimedJob,
    underway: &Underway,
    (id, reason): (StepId, String),
) -> Result<Progress, ServiceError> {
    let step = step_of(underway, &id)?;
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                return Ok(Trail::unchanged(Progress::More));
            }
            let entry = step_entry(AuditAction::ActionSkipped, &run, &id, step.action.as_str()).detail(error_detail(&reason));
            tx.runs()
                .save_step(run.id, &Step { status: StepStatus::Skipped, finished_at: Some(at), ..step }, StepStatus::Pending)
                .await?;
            Ok::<_, ServiceError>(Trail::new(Progress::More, vec![entry]))
        })
        .await
}

/// The step with this id.
pub fn step_of(underway: &Underway, id: &StepId) -> Result<Step, ServiceError> {
    let found = underway.run.steps.iter().find(|step| step.id == *id).cloned();
    found.ok_or_else(|| ServiceError::Corrupt(format!("{} has no step {id}", underway.run.id)))
}

/// Long enough for any connector of ours to be noticed as alive.
const _: () = assert!(HEARTBEAT.as_millis() * 2 < LEASE_MS as u128, "a lease outlives two missed heartbeats");
