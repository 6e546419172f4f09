//! A step that was begun and whose outcome was lost in a crash: called again where that does nothing twice, else a person must say
//! what happened.

use std::sync::Arc;

use connectors::Recovery;
use domain::audit::{AuditAction, EntryDraft};
use domain::grant::Binding;
use domain::run::{Run, RunStatus, Step, StepStatus};
use domain::timestamp::Timestamp;
use store::{ClaimedJob, Trail, Tx};

use super::execution::AttemptTerms;
use super::{Progress, execution, step_entry};
use crate::core::Core;
use crate::error::ServiceError;
use crate::runs;
use crate::worker::LEASE_MS;

/// The error of a step whose message nobody has written yet, as far as is known.
pub const HELD: &str =
    "another server has the message and has not said that it is written; it goes out when that server comes back";
/// How long the server that has a message is waited for before a person is asked, in milliseconds: it needs to be started again.
const HOLDER_MS_MAX: i64 = 60_000;
/// How often its word is looked for, in milliseconds.
const HOLDER_POLL_MS: i64 = 1_000;

/// A step in doubt, and what is known about how it may be called again.
pub struct Doubt {
    pub step: Step,
    pub binding: Binding,
    pub terms: AttemptTerms,
}

impl Doubt {
    /// Of a run whose plan cannot be read: nothing is called again.
    pub fn without_plan(step: Step) -> Self {
        Self { step, binding: Binding::Changed, terms: AttemptTerms::default() }
    }
}

/// Finds an outcome for the step. Only the connector that was called may be called again: another one does not know the key.
pub async fn settle(core: &Arc<Core>, job: &ClaimedJob, run: &Run, doubt: Doubt) -> Result<Progress, ServiceError> {
    match (doubt.binding, core.registry.of(doubt.step.action, run.mode).recovery()) {
        (Binding::AsPlanned, Recovery::CallAgain) => execution::perform(core, job, run, (&doubt.step.id, doubt.terms)).await,
        _ => ask_person(core, job, run, None).await,
    }
}

/// Another server has had the step's message since this time: it is waited for, and then a person is asked.
pub async fn wait_for_holder(core: &Core, job: &ClaimedJob, run: &Run, since: Timestamp) -> Result<Progress, ServiceError> {
    let now = core.store.now().await?;
    if now >= since.plus_ms(HOLDER_MS_MAX) {
        return ask_person(core, job, run, Some(HELD.to_owned())).await;
    }
    core.store.retry_job_later(job, now.plus_ms(HOLDER_POLL_MS)).await?;
    Ok(Progress::Done)
}

/// The run pauses until a person says what happened; one that has ended stays as it is.
pub async fn ask_person(core: &Core, job: &ClaimedJob, run: &Run, error: Option<String>) -> Result<Progress, ServiceError> {
    let (job, id) = (job.clone(), run.id);
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            let run = runs::locked(&tx, id).await?;
            let entries = leave_open(&tx, &run, error).await?;
            if entries.is_empty() {
                return Ok(Trail::unchanged(Progress::More));
            }
            if run.status == RunStatus::Running {
                tx.runs().save(&Run { status: RunStatus::Paused, ..run }, RunStatus::Running).await?;
            }
            Ok::<_, ServiceError>(Trail::new(Progress::More, entries))
        })
        .await
}

/// Puts on record that nobody knows how the steps that were begun have ended.
pub async fn leave_open(tx: &Tx, run: &Run, error: Option<String>) -> Result<Vec<EntryDraft>, ServiceError> {
    let mut entries = Vec::new();
    for step in run.steps.iter().filter(|step| step.status == StepStatus::Running) {
        let error = error.clone().or_else(|| step.error.clone());
        let unknown = Step { status: StepStatus::Unknown, due_at: None, error, ..step.clone() };
        tx.runs().save_step(run.id, &unknown, StepStatus::Running).await?;
        entries.push(step_entry(AuditAction::ActionUnknown, run, &step.id, step.action.as_str()));
    }
    Ok(entries)
}
