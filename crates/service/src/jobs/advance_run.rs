//! Carries a run on from wherever it stands, step by step: the effect is committed before the connector is called, its outcome
//! after. A crash at any instant leaves a run that the next worker takes up here.

mod execution;
mod gate;

use std::sync::Arc;

use connectors::Recovery;
use domain::audit::{AuditAction, EntryDraft, Origin};
use domain::id::{RunId, StepId};
use domain::plan::{GatePlan, Plan, PlannedAction, RunMode};
use domain::run::{Run, RunStatus, Step, StepStatus};
use playbooks::{Facts, Next, Scope, next};
use serde_json::json;
use store::{ClaimedJob, Gated, Trail};

use crate::core::Core;
use crate::crash_point::CrashPoint;
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::planning;
use crate::runs::{self, Ending, run_entry};

/// The error of a run whose connector is no longer the one of its plan, and that nobody has to sign.
const PLAN_CHANGED: &str = "plan-changed";

/// A run with what it executes.
pub struct Underway {
    pub run: Run,
    /// Which approval each step stands behind, in the order of the steps.
    pub gates: Vec<Gated>,
    pub actions: Vec<PlannedAction>,
    pub on_success: Option<domain::incident::State>,
    pub facts: Facts,
}

/// Whether there is more to do at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    More,
    /// The run ended or waits; the job is finished.
    Done,
}

/// Does the job; done twice, it goes on where the first time ended.
pub async fn run(core: &Arc<Core>, job: &ClaimedJob, id: RunId) -> Result<(), ServiceError> {
    loop {
        let underway = load(core, id).await?;
        let progress = match underway.run.status {
            RunStatus::Queued => gate::start(core, job, &underway).await?,
            RunStatus::Running => advance(core, job, &underway).await?,
            _ => {
                core.store.finish_job(job).await?;
                Progress::Done
            }
        };
        if progress == Progress::Done {
            return Ok(());
        }
    }
}

async fn load(core: &Core, id: RunId) -> Result<Underway, ServiceError> {
    let corrupt = |what: &str| ServiceError::Corrupt(format!("{id}: {what}"));
    let stored = core.store.runs().find_stored(id).await?.ok_or_else(|| corrupt("is gone"))?;
    let (run, current) = (stored.run, stored.current_plan_digest);
    let plan: Plan = read(&core.store.plans().get_body(&run.plan_digest).await?)?;
    let actions = match current == run.plan_digest {
        true => plan.actions,
        false => merged(plan.actions, read(&core.store.plans().get_body(&current).await?)?),
    };
    let facts = planning::facts(&core.store, run.incident_id).await?.ok_or_else(|| corrupt("has no incident"))?;
    Ok(Underway { run, gates: stored.gates, actions, on_success: plan.on_success, facts })
}

fn read<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, ServiceError> {
    serde_json::from_str(body).map_err(|error| ServiceError::Corrupt(error.to_string()))
}

/// The first plan's steps up to the gate, and from there on those that were resolved and signed anew.
fn merged(first: Vec<PlannedAction>, gate: GatePlan) -> Vec<PlannedAction> {
    first.into_iter().take_while(|action| action.step != gate.from_step).chain(gate.actions).collect()
}

async fn advance(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    let gates_passed = gate::passed(core, underway).await?;
    let standing = playbooks::Progress { actions: &underway.actions, steps: &underway.run.steps, gates_passed: &gates_passed };
    let scope = Scope::in_run(&underway.facts, &underway.run.steps, core.clock.now());
    match next(&standing, &scope) {
        Next::Execute { step, input } => match gate::check(core, underway, &step).await? {
            gate::Standing::Clear(grant) => {
                execution::begin(core, job, underway, (step.clone(), input, grant)).await?;
                CrashPoint::EffectCommitted.reach();
                execution::perform(core, job, underway, &step).await?;
                Ok(Progress::More)
            }
            gate::Standing::Unsigned => gate::ask_for_rest(core, job, underway, step).await,
            gate::Standing::Changed => fail(core, job, underway, PLAN_CHANGED.to_owned()).await,
        },
        Next::Gate { step } => gate::ask_for_rest(core, job, underway, step).await,
        Next::InDoubt { step } => recover(core, job, underway, &step).await,
        Next::Skip { step, reason } => execution::skip(core, job, underway, (step, reason)).await,
        Next::Complete => complete(core, job, underway).await,
        Next::Fail { step, error } => fail(core, job, underway, format!("{step}: {error}")).await,
    }
}

/// A step whose outcome was lost: called again where that does nothing twice, else a person must say what happened.
async fn recover(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway, id: &StepId) -> Result<Progress, ServiceError> {
    let step = execution::step_of(underway, id)?;
    let connector = core.registry.of(step.action, underway.run.mode);
    match connector.recovery() {
        Recovery::CallAgain => execution::perform(core, job, underway, &step.id).await?,
        Recovery::AskPerson => return pause(core, job, underway, &step).await,
    }
    Ok(Progress::More)
}

async fn pause(core: &Core, job: &ClaimedJob, underway: &Underway, step: &Step) -> Result<Progress, ServiceError> {
    let (job, run, step) = (job.clone(), underway.run.clone(), step.clone());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let entry = step_entry(AuditAction::ActionUnknown, &run, &step.id, step.action.as_str());
            tx.runs().save_step(run.id, &Step { status: StepStatus::Unknown, ..step }, StepStatus::Running).await?;
            tx.runs().save(&Run { status: RunStatus::Paused, ..run }, RunStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::Done, vec![entry]))
        })
        .await
}

async fn complete(core: &Core, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    CrashPoint::BeforeRunEnds.reach();
    let (job, run, on_success, at) = (job.clone(), underway.run.clone(), underway.on_success, core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let still = runs::locked(&tx, run.id).await?;
            if still.status != RunStatus::Running {
                return Ok(Trail::unchanged(Progress::More));
            }
            let origin = Origin::system();
            let mut entries = vec![run_entry(&origin, AuditAction::PlaybookCompleted, &run)];
            if let (RunMode::Live, Some(to)) = (run.mode, on_success) {
                entries.extend(move_by_system(&tx, run.incident_id, to, (&origin, at)).await?);
            }
            tx.runs().save(&Run { status: RunStatus::Succeeded, finished_at: Some(at), ..run }, RunStatus::Running).await?;
            Ok::<_, ServiceError>(Trail::new(Progress::Done, entries))
        })
        .await
}

/// Ends the run as failed.
async fn fail(core: &Core, job: &ClaimedJob, underway: &Underway, error: String) -> Result<Progress, ServiceError> {
    let (job, run, at) = (job.clone(), underway.run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let still = runs::locked(&tx, run.id).await?;
            if still.status != RunStatus::Running {
                return Ok(Trail::unchanged(Progress::More));
            }
            let ending = Ending { status: RunStatus::Failed, error: Some(error) };
            Ok::<_, ServiceError>(Trail::new(Progress::Done, runs::end(&tx, &still, ending, (&Origin::system(), at)).await?))
        })
        .await
}

/// The beginning of an entry about a step.
fn step_entry(action: AuditAction, run: &Run, step: &StepId, what: &str) -> EntryDraft {
    run_entry(&Origin::system(), action, run).fact("step", step.as_str()).fact("action", what)
}

/// What a step's error looks like in its record.
fn error_detail(error: &str) -> serde_json::Value {
    json!({ "error": error })
}
