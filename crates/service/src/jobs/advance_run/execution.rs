//! One step: the intent on record, the connector called, the outcome on record; and what follows an attempt that did not go well.

use std::sync::Arc;
use std::time::Duration;

use connectors::{ConnectorError, Effect, Recovery};
use domain::action::Reach;
use domain::audit::{AuditAction, EntryDraft, Outcome};
use domain::id::{ApprovalId, RunId, StepId};
use domain::plan::{PlannedAction, RetryPolicy, RunMode, TIMEOUT_S_DEFAULT};
use domain::run::{Run, RunStatus, Step, StepStatus};
use domain::timestamp::Timestamp;
use playbooks::{AfterFailure, Failure, after_failure};
use serde_json::{Map, Value};
use store::{ClaimedJob, EffectKind, Trail, Tx};
use uuid::Uuid;

use super::{Progress, Underway, doubt, error_detail, own_record, step_entry};
use crate::core::Core;
use crate::crash_point::CrashPoint;
use crate::error::ServiceError;
use crate::runs;
use crate::worker::{HEARTBEAT, LEASE_MS};

/// The name of an effect: the same for every attempt at the same step of the same run.
pub fn effect_key(run: RunId, step: &StepId) -> String {
    format!("{run}.{step}")
}

/// Carries out a step that was not begun yet.
pub async fn execute(
    core: &Arc<Core>,
    job: &ClaimedJob,
    underway: &Underway,
    (id, input, grant_id): (StepId, Map<String, Value>, Option<Uuid>),
) -> Result<Progress, ServiceError> {
    let reach = action_of(underway, &id)?.action.manifest().reach;
    let beginning = Beginning { step: step_of(underway, &id)?, input, grant_id };
    if underway.run.mode == RunMode::Live && reach != Reach::Outside {
        return own_record::execute(core, job, underway, beginning).await;
    }
    begin(core, job, &underway.run, beginning).await?;
    CrashPoint::EffectCommitted.reach();
    perform(core, job, &underway.run, (&id, AttemptTerms::of(action_of(underway, &id)?))).await
}

/// What the plan says about each attempt at a step.
#[derive(Clone, Copy, Debug)]
pub struct AttemptTerms {
    pub retry: RetryPolicy,
    pub timeout_s: u32,
}

impl AttemptTerms {
    pub fn of(action: &PlannedAction) -> Self {
        Self { retry: action.retry, timeout_s: action.timeout_s }
    }
}

impl Default for AttemptTerms {
    fn default() -> Self {
        Self { retry: RetryPolicy::default(), timeout_s: TIMEOUT_S_DEFAULT }
    }
}

/// A step that is about to begin.
pub struct Beginning {
    pub step: Step,
    pub input: Map<String, Value>,
    /// What allows it, where the step is gated.
    pub grant_id: Option<Uuid>,
}

/// Puts the intent on record, with the grant that covers it. Nothing has happened yet.
async fn begin(core: &Core, job: &ClaimedJob, run: &Run, beginning: Beginning) -> Result<(), ServiceError> {
    let (job, run, at) = (job.clone(), run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                return Ok(Trail::unchanged(()));
            }
            let (started, entry) = intend(&tx, &run, &beginning, at).await?;
            tx.runs().save_step(run.id, &started, StepStatus::Pending).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![entry]))
        })
        .await
}

/// The effect's row, the step as it is begun, and its entry.
pub async fn intend(tx: &Tx, run: &Run, beginning: &Beginning, at: Timestamp) -> Result<(Step, EntryDraft), ServiceError> {
    let Beginning { step, input, grant_id } = beginning;
    let effect = store::Effect {
        key: effect_key(run.id, &step.id),
        run_id: run.id,
        step: step.id.clone(),
        kind: EffectKind::Do,
        grant_id: *grant_id,
        action: step.action,
        connector: step.connector.clone(),
        input: input.clone(),
        started_at: at,
    };
    tx.effects().insert(&effect).await?;
    let started = Step {
        status: StepStatus::Running,
        attempts: step.attempts + 1,
        input: Some(Value::Object(input.clone())),
        started_at: Some(at),
        ..step.clone()
    };
    let entry = started_entry(run, &started);
    let entry = match grant_id {
        Some(grant) => entry.fact_named("approval_id", approval_behind(tx, run.id, *grant).await?),
        None => entry,
    };
    Ok((started, entry))
}

async fn approval_behind(tx: &Tx, run: RunId, grant: Uuid) -> Result<ApprovalId, ServiceError> {
    let found = tx.approvals().grants_of_run(run).await?.into_iter().find(|granted| granted.id == grant);
    found.map(|granted| granted.approval_id).ok_or_else(|| ServiceError::Corrupt(format!("{run} has no grant {grant}")))
}

fn started_entry(run: &Run, step: &Step) -> EntryDraft {
    let entry = step_entry(AuditAction::ActionStarted, run, &step.id, step.action.as_str());
    entry.fact("connector", step.connector.as_str()).fact("attempt", step.attempts)
}

/// Another attempt at a step whose time has come: on record first, like the first one.
pub async fn resume(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway, id: &StepId) -> Result<Progress, ServiceError> {
    if action_of(underway, id)?.action.manifest().reach == Reach::Time && underway.run.mode == RunMode::Live {
        return own_record::end_wait(core, job, underway, id).await;
    }
    let step = step_of(underway, id)?;
    let (held, run) = (job.clone(), underway.run.clone());
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&held, LEASE_MS).await?;
            if runs::locked(&tx, run.id).await?.status != RunStatus::Running {
                return Ok(Trail::unchanged(()));
            }
            let again = Step { attempts: step.attempts + 1, due_at: None, ..step };
            tx.runs().save_step(run.id, &again, StepStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![started_entry(&run, &again)]))
        })
        .await?;
    CrashPoint::RetryCommitted.reach();
    perform(core, job, &underway.run, (id, AttemptTerms::of(action_of(underway, id)?))).await
}

/// Calls the connector for a step whose intent is on record, and puts the outcome on record. Of a run that has ended meanwhile
/// nothing is tried again.
pub async fn perform(
    core: &Arc<Core>,
    job: &ClaimedJob,
    run: &Run,
    (id, terms): (&StepId, AttemptTerms),
) -> Result<Progress, ServiceError> {
    let Some(now) = core.store.runs().find(run.id).await? else { return Ok(Progress::More) };
    let begun = |step: &&Step| step.id == *id && step.status == StepStatus::Running && step.due_at.is_none();
    let Some(step) = now.steps.iter().find(begun).cloned() else { return Ok(Progress::More) };
    let effect = Effect {
        key: effect_key(run.id, id),
        incident_id: run.incident_id,
        run_id: Some(run.id),
        step: Some(id.clone()),
        action: step.action,
        parameters: input_of(&step),
    };
    let called = call(core, job, (effect, run.mode, terms.timeout_s)).await?;
    CrashPoint::ConnectorCalled.reach();
    let retry = if now.status == RunStatus::Running { terms.retry } else { RetryPolicy::default() };
    match called {
        Called::Done(output) => succeed(core, job, run, (step, output)).await,
        Called::Held { since } => doubt::wait_for_holder(core, job, run, since).await,
        Called::Failed { failure, error } => match after_failure(failure, retry, step.attempts) {
            AfterFailure::RetryIn { seconds } => retry_later(core, job, run, (step, error, seconds)).await,
            AfterFailure::Fail => fail_step(core, job, run, (step, error)).await,
            AfterFailure::AskPerson => doubt::ask_person(core, job, run, Some(error)).await,
        },
    }
}

/// How a call of a connector ended.
pub enum Called {
    Done(Value),
    Failed {
        failure: Failure,
        error: String,
    },
    /// Another server has it since this time, and may have done it.
    Held {
        since: Timestamp,
    },
}

/// Calls a connector for at most so many seconds, holding the job meanwhile.
pub async fn call(
    core: &Core,
    job: &ClaimedJob,
    (effect, mode, timeout_s): (Effect, RunMode, u32),
) -> Result<Called, ServiceError> {
    let connector = Arc::clone(core.registry.of(effect.action, mode));
    let uncertain = match connector.recovery() {
        Recovery::CallAgain => Failure::UncertainRepeatable,
        Recovery::AskPerson => Failure::Uncertain,
    };
    let timeout = Duration::from_secs(u64::from(timeout_s));
    // A worker that was held up for longer than its lease has lost the step to another one.
    core.store.heartbeat_job(job, LEASE_MS).await?;
    let called = async move { tokio::time::timeout(timeout, connector.perform(&effect)).await };
    Ok(match while_holding(core, job, called).await? {
        Ok(Ok(output)) => Called::Done(output),
        Ok(Err(ConnectorError::HeldElsewhere { since })) => Called::Held { since },
        // Nothing can be said of it until the record can be read: the job is done again.
        Ok(Err(error @ ConnectorError::Record(_))) => return Err(ServiceError::Connector(error.to_string())),
        Ok(Err(error)) => Called::Failed { failure: certainty(&error), error: error.to_string() },
        Err(_) => Called::Failed { failure: uncertain, error: format!("there was no answer within {timeout_s} s") },
    })
}

fn certainty(error: &ConnectorError) -> Failure {
    match error {
        ConnectorError::Outbox(_) | ConnectorError::NotHere(_) => Failure::Certain,
        ConnectorError::OutboxUnsure(_) | ConnectorError::Record(_) => Failure::UncertainRepeatable,
        ConnectorError::HeldElsewhere { .. } => Failure::Uncertain,
    }
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

async fn succeed(core: &Core, job: &ClaimedJob, run: &Run, (step, output): (Step, Value)) -> Result<Progress, ServiceError> {
    let at = core.clock.now();
    let entry = ended_entry(AuditAction::ActionSucceeded, run, &step);
    let done = Step { status: StepStatus::Succeeded, output: Some(output), error: None, finished_at: Some(at), ..step };
    save(core, job, run, (done, entry)).await
}

async fn fail_step(core: &Core, job: &ClaimedJob, run: &Run, (step, error): (Step, String)) -> Result<Progress, ServiceError> {
    let at = core.clock.now();
    let entry = failed_entry(run, &step, &error);
    let failed = Step { status: StepStatus::Failed, error: Some(error), finished_at: Some(at), ..step };
    save(core, job, run, (failed, entry)).await
}

/// Puts on record when the next attempt is due, and gives the job back until then.
async fn retry_later(
    core: &Core,
    job: &ClaimedJob,
    run: &Run,
    (step, error, seconds): (Step, String, u32),
) -> Result<Progress, ServiceError> {
    let entry = failed_entry(run, &step, &error).fact("retry_in_s", seconds);
    let (job, run) = (job.clone(), run.clone());
    core.store
        .write(move |tx| async move {
            let due_at = tx.now().await?.plus_ms(i64::from(seconds) * 1_000);
            tx.jobs().retry_later(&job, due_at).await?;
            let waiting = Step { error: Some(error), due_at: Some(due_at), ..step };
            tx.runs().save_step(run.id, &waiting, StepStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::Done, vec![entry]))
        })
        .await
}

async fn save(core: &Core, job: &ClaimedJob, run: &Run, (step, entry): (Step, EntryDraft)) -> Result<Progress, ServiceError> {
    let (job, run_id) = (job.clone(), run.id);
    core.store
        .write(move |tx| async move {
            tx.jobs().hold(&job, LEASE_MS).await?;
            tx.runs().save_step(run_id, &step, StepStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::More, vec![entry]))
        })
        .await
}

fn failed_entry(run: &Run, step: &Step, error: &str) -> EntryDraft {
    ended_entry(AuditAction::ActionFailed, run, step).outcome(Outcome::Error).detail(error_detail(error))
}

/// The entry about how an attempt ended.
pub fn ended_entry(action: AuditAction, run: &Run, step: &Step) -> EntryDraft {
    let entry = step_entry(action, run, &step.id, step.action.as_str());
    entry.fact("connector", step.connector.as_str()).fact("attempt", step.attempts)
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

/// The step as the plan has it.
pub fn action_of<'a>(underway: &'a Underway, id: &StepId) -> Result<&'a PlannedAction, ServiceError> {
    let found = underway.actions.iter().find(|action| action.step == *id);
    found.ok_or_else(|| ServiceError::Corrupt(format!("the plan of {} has no step {id}", underway.run.id)))
}

fn input_of(step: &Step) -> Map<String, Value> {
    step.input.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Long enough for any connector of ours to be noticed as alive.
const _: () = assert!(HEARTBEAT.as_millis() * 2 < LEASE_MS as u128, "a lease outlives two missed heartbeats");
