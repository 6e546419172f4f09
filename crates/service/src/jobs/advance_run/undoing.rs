//! Taking a step back: like a step, with its intent on record before the connector is called and its outcome after. The grant that
//! covered the step covers this too, once.

use std::sync::Arc;

use connectors::{Effect, Recovery};
use domain::action::Action;
use domain::audit::{AuditAction, EntryDraft, Outcome};
use domain::id::{RunId, StepId};
use domain::run::{Run, RunStatus, Step, StepStatus, UndoStatus};
use playbooks::Failure;
use serde_json::{Map, Value};
use store::{ClaimedJob, EffectKind, Trail};
use uuid::Uuid;

use super::execution::{Called, action_of, call, step_of};
use super::{Progress, Underway, doubt, error_detail, step_entry};
use crate::core::Core;
use crate::crash_point::CrashPoint;
use crate::error::ServiceError;
use crate::runs;
use crate::worker::LEASE_MS;

/// The name of the effect: the same for every attempt.
fn undo_key(run: RunId, step: &StepId) -> String {
    format!("{run}.{step}.undo")
}

/// Takes back a step that this was not begun for yet.
pub async fn undo(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    (id, action, input): (StepId, Action, Map<String, Value>),
) -> Result<Progress, ServiceError> {
    begin(core, job, underway, (&id, action, input)).await?;
    CrashPoint::UndoCommitted.reach();
    perform(core, job, underway, &id).await
}

/// A step whose undoing has no outcome on record: called again where that does nothing twice, else a person must look.
pub async fn recover(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway, id: &StepId) -> Result<Progress, ServiceError> {
    let effect = core.store.effects().find(&undo_key(underway.run.id, id)).await?;
    let action = effect.map(|effect| effect.action).ok_or_else(|| ServiceError::Corrupt(format!("{id} is not being undone")))?;
    match core.registry.of(action, underway.run.mode).recovery() {
        Recovery::CallAgain => perform(core, job, underway, id).await,
        Recovery::AskPerson => {
            let error = "the server stopped while it was taken back".to_owned();
            ask_person(core, job, underway, (step_of(underway, id)?, error)).await
        }
    }
}

async fn begin(
    core: &Core,
    job: &ClaimedJob,
    underway: &Underway,
    (id, action, input): (&StepId, Action, Map<String, Value>),
) -> Result<(), ServiceError> {
    let done = core.store.effects().find(&super::execution::effect_key(underway.run.id, id)).await?;
    let grant_id: Option<Uuid> = done.and_then(|effect| effect.grant_id);
    let connector = core.registry.of(action, underway.run.mode).name().to_owned();
    let (step, job, run, at) = (step_of(underway, id)?, job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                return Ok(Trail::unchanged(()));
            }
            let effect = store::Effect {
                key: undo_key(run.id, &step.id),
                run_id: run.id,
                step: step.id.clone(),
                kind: EffectKind::Undo,
                grant_id,
                action,
                connector: connector.clone(),
                input,
                started_at: at,
            };
            tx.effects().insert(&effect).await?;
            let entry = step_entry(AuditAction::ActionUndoStarted, &run, &step.id, action.as_str()).fact("connector", connector);
            tx.runs().save_step(run.id, &Step { undo: Some(UndoStatus::Running), ..step }, StepStatus::Succeeded).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![entry]))
        })
        .await
}

async fn perform(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway, id: &StepId) -> Result<Progress, ServiceError> {
    let run = &underway.run;
    let current = core.store.runs().find(run.id).await?;
    let begun = |step: &Step| step.id == *id && step.undo == Some(UndoStatus::Running);
    let Some(step) = current.and_then(|run| run.steps.into_iter().find(begun)) else { return Ok(Progress::More) };
    let Some(intent) = core.store.effects().find(&undo_key(run.id, id)).await? else { return Ok(Progress::More) };
    let effect = Effect {
        key: intent.key,
        incident_id: run.incident_id,
        run_id: Some(run.id),
        step: Some(id.clone()),
        action: intent.action,
        parameters: intent.input,
    };
    let called = call(core, job, (effect, run.mode, action_of(underway, id)?.timeout_s)).await?;
    CrashPoint::UndoCalled.reach();
    match called {
        Called::Done(_) => {
            let entry = step_entry(AuditAction::ActionUndone, run, id, intent.action.as_str());
            let undone = Step { status: StepStatus::Undone, undo: Some(UndoStatus::Succeeded), ..step };
            save(core, job, run, (undone, entry)).await
        }
        Called::Failed { failure: Failure::Certain, error } => {
            let entry = step_entry(AuditAction::ActionUndoFailed, run, id, intent.action.as_str());
            let entry = entry.outcome(Outcome::Error).detail(error_detail(&error));
            let error = Some(format!("it could not be taken back: {error}"));
            save(core, job, run, (Step { undo: Some(UndoStatus::Failed), error, ..step }, entry)).await
        }
        Called::Failed { error, .. } => ask_person(core, job, underway, (step, error)).await,
        Called::Held { .. } => ask_person(core, job, underway, (step, doubt::HELD.to_owned())).await,
    }
}

async fn save(core: &Core, job: &ClaimedJob, run: &Run, (step, entry): (Step, EntryDraft)) -> Result<Progress, ServiceError> {
    let (job, run_id) = (job.clone(), run.id);
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            tx.runs().save_step(run_id, &step, StepStatus::Succeeded).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::More, vec![entry]))
        })
        .await
}

/// Stops the run until a person says whether it was taken back.
async fn ask_person(
    core: &Core,
    job: &ClaimedJob,
    underway: &Underway,
    (step, error): (Step, String),
) -> Result<Progress, ServiceError> {
    let (job, run) = (job.clone(), underway.run.clone());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let entry = step_entry(AuditAction::ActionUnknown, &run, &step.id, step.action.as_str()).fact("undo", true);
            let unknown = Step { status: StepStatus::Unknown, undo: Some(UndoStatus::Unknown), error: Some(error), ..step };
            tx.runs().save_step(run.id, &unknown, StepStatus::Succeeded).await?;
            tx.runs().save(&Run { status: RunStatus::Paused, ..run }, RunStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::Done, vec![entry]))
        })
        .await
}
