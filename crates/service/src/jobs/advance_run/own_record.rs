//! Steps that touch only Countersign's own record: done in the same write as their outcome and their entries. And waiting, for which
//! the job is given back until the time has come.

use std::str::FromStr as _;
use std::sync::Arc;

use domain::action::Reach;
use domain::audit::{AuditAction, EntryDraft, Outcome};
use domain::id::StepId;
use domain::run::{Run, RunStatus, Step, StepStatus};
use playbooks::duration::Duration;
use serde_json::json;
use store::{ClaimedJob, Trail, Tx};

use super::execution::{Beginning, ended_entry, intend, step_of};
use super::record_change::{Made, RecordChange};
use super::{Progress, Underway, error_detail};
use crate::core::Core;
use crate::error::ServiceError;
use crate::runs;
use crate::worker::LEASE_MS;

/// Does the step, or begins to wait.
pub async fn execute(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    beginning: Beginning,
) -> Result<Progress, ServiceError> {
    let store = core.store.clone();
    let (core, job, run, at) = (Arc::clone(core), job.clone(), underway.run.clone(), core.clock.now());
    store
        .write(move |tx| async move {
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                tx.jobs().hold(&job, LEASE_MS).await?;
                return Ok(Trail::unchanged(Progress::More));
            }
            let (started, entry) = intend(&tx, &run, &beginning, at).await?;
            match started.action.manifest().reach {
                Reach::Time => begin_wait(&tx, &job, &run, (started, entry)).await,
                Reach::OwnRecord | Reach::Outside => {
                    tx.jobs().hold(&job, LEASE_MS).await?;
                    let (step, entries) = done(&core, &tx, &run, started).await?;
                    tx.runs().save_step(run.id, &step, StepStatus::Pending).await?;
                    Ok::<_, ServiceError>(Trail::new(Progress::More, [vec![entry], entries].concat()))
                }
            }
        })
        .await
}

async fn begin_wait(
    tx: &Tx,
    job: &ClaimedJob,
    run: &Run,
    (started, entry): (Step, EntryDraft),
) -> Result<Trail<Progress>, ServiceError> {
    let seconds = seconds_of(&started);
    let due_at = tx.now().await?.plus_ms(i64::from(seconds) * 1_000);
    tx.jobs().retry_later(job, due_at).await?;
    tx.runs().save_step(run.id, &Step { due_at: Some(due_at), ..started }, StepStatus::Pending).await?;
    Ok(Trail::new(Progress::Done, vec![entry]))
}

/// The wait is over.
pub async fn end_wait(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway, id: &StepId) -> Result<Progress, ServiceError> {
    let step = step_of(underway, id)?;
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            let output = json!({ "waited_s": seconds_of(&step) });
            let entry = ended_entry(AuditAction::ActionSucceeded, &run, &step);
            let over = Step { status: StepStatus::Succeeded, output: Some(output), due_at: None, finished_at: Some(at), ..step };
            tx.runs().save_step(run.id, &over, StepStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::More, vec![entry]))
        })
        .await
}

fn seconds_of(step: &Step) -> u32 {
    let written = step.input.as_ref().and_then(|input| input["duration"].as_str());
    written.and_then(|written| Duration::from_str(written).ok()).map_or(1, Duration::seconds)
}

/// The step with its outcome, and the entries about what it changed and how it ended.
async fn done(core: &Core, tx: &Tx, run: &Run, step: Step) -> Result<(Step, Vec<EntryDraft>), ServiceError> {
    let at = core.clock.now();
    let (changed, mut entries) = match (RecordChange { core, run, step: &step, at }).make(tx).await? {
        Made::Done { output, entries } => (Ok(output), entries),
        Made::Refused(error) => (Err(error), Vec::new()),
    };
    let finished_at = Some(at);
    Ok(match changed {
        Ok(output) => {
            entries.push(ended_entry(AuditAction::ActionSucceeded, run, &step));
            (Step { status: StepStatus::Succeeded, output: Some(output), finished_at, ..step }, entries)
        }
        Err(error) => {
            let entry = ended_entry(AuditAction::ActionFailed, run, &step).outcome(Outcome::Error);
            entries.push(entry.detail(error_detail(&error)));
            (Step { status: StepStatus::Failed, error: Some(error), finished_at, ..step }, entries)
        }
    })
}
