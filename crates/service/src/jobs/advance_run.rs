//! Carries a run on from wherever it stands, step by step: the effect is committed before the connector is called, its outcome
//! after. A crash at any instant leaves a run that the next worker takes up here.

mod doubt;
mod execution;
mod gate;
mod own_record;
mod record_change;
mod undoing;

use std::sync::Arc;

use domain::audit::{AuditAction, EntryDraft, Origin};
use domain::grant::{Binding, Gated, Grant, Standing, is_in_force};
use domain::id::{RunId, StepId};
use domain::plan::{BrokenPlan, GatePlan, Plan, PlannedAction, RunMode, facts_in_force};
use domain::run::{Run, RunStatus, Step, StepStatus};
use domain::timestamp::Timestamp;
use playbooks::{HoldsFacts, Next, Scope, next};
use serde_json::{Map, Value, json};
use store::{ClaimedJob, StoredRun, Trail};

use self::doubt::Doubt;
use self::execution::AttemptTerms;
pub use self::execution::effect_key;
use crate::checkpoints;
use crate::core::Core;
use crate::crash_point::CrashPoint;
use crate::error::ServiceError;
use crate::incidents::move_by_system;
use crate::runs::{self, Ending, run_entry};
use crate::tampering;

/// The error of a run whose connector is no longer the one of its plan, and that nobody has to sign.
const PLAN_CHANGED: &str = "plan-changed";

/// A run with what it executes.
pub struct Underway {
    pub run: Run,
    /// Which approval each step stands behind, in the order of the steps.
    pub gates: Vec<Gated>,
    /// The run's first plan.
    pub plan: Plan,
    /// What the run's latest approval granted.
    pub grant: Option<Grant>,
    /// The steps of the plan in force.
    pub actions: Vec<PlannedAction>,
    /// What of the incident was signed with them, and the only thing that they read of it; `None` in a plan of an older version that
    /// holds nothing of what its steps read.
    pub facts: Option<Map<String, Value>>,
}

impl Underway {
    fn gate_of(&self, step: &StepId) -> Gated {
        let position = self.run.steps.iter().position(|known| known.id == *step);
        position.and_then(|position| self.gates.get(position).cloned()).unwrap_or(Gated::Nowhere)
    }

    /// What expressions see: the plan's facts, and the steps so far.
    fn scope(&self, now: Timestamp) -> Scope {
        Scope::frozen(self.facts.as_ref().unwrap_or(&Map::new()), &self.run.steps, now)
    }

    fn doubt_of(&self, core: &Core, step: Step) -> Doubt {
        let planned = self.actions.iter().find(|action| action.step == step.id);
        Doubt { binding: self.binding_of(core, &step.id), terms: planned.map(AttemptTerms::of).unwrap_or_default(), step }
    }

    /// Is the connector in place for this step the one of the plan in force?
    fn binding_of(&self, core: &Core, step: &StepId) -> Binding {
        let is_same = self.actions.iter().find(|action| action.step == *step).is_some_and(|action| {
            let connector = core.registry.of(action.action, self.run.mode);
            action.connector == connector.name() && action.connector_revision == connector.revision()
        });
        if is_same { Binding::AsPlanned } else { Binding::Changed }
    }
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
        let stored = core.store.runs().find_stored(id).await?;
        let stored = stored.ok_or_else(|| ServiceError::Corrupt(format!("{id} is gone")))?;
        if carry_on(core, job, stored).await? == Progress::Done {
            return Ok(());
        }
    }
}

/// Ends a run that cannot go on, however often it is tried.
pub async fn give_up(core: &Core, job: &ClaimedJob, id: RunId, error: String) -> Result<(), ServiceError> {
    match core.store.runs().find(id).await? {
        Some(run) if matches!(run.status, RunStatus::Queued | RunStatus::Running) => fail(core, job, &run, error).await.map(drop),
        _ => Ok(core.store.finish_job(job).await?),
    }
}

async fn carry_on(core: &Arc<Core>, job: &ClaimedJob, stored: StoredRun) -> Result<Progress, ServiceError> {
    let (run, status) = (stored.run.clone(), stored.run.status);
    let in_doubt = run.steps.iter().find(|step| step.status == StepStatus::Running && step.due_at.is_none()).cloned();
    if !matches!(status, RunStatus::Queued | RunStatus::Running) && in_doubt.is_none() {
        core.store.finish_job(job).await?;
        return Ok(Progress::Done);
    }
    match (load(core, stored).await?, in_doubt) {
        // Of a run that has ended too: what was begun before it was cancelled has an outcome.
        (Ok(underway), Some(step)) => doubt::settle(core, job, &run, underway.doubt_of(core, step)).await,
        (Ok(underway), None) if status == RunStatus::Queued => gate::start(core, job, &underway).await,
        (Ok(underway), None) => advance(core, job, &underway).await,
        (Err(_), Some(step)) if !status.is_active() => doubt::settle(core, job, &run, Doubt::without_plan(step)).await,
        (Err(broken), _) => fail(core, job, &run, broken.to_string()).await,
    }
}

/// What the run executes, from the very texts that were signed.
async fn load(core: &Core, stored: StoredRun) -> Result<Result<Underway, BrokenPlan>, ServiceError> {
    let StoredRun { run, current_plan_digest, gates, .. } = stored;
    let grant = match run.approval_id {
        Some(id) => core.store.approvals().find_grant(id).await?,
        None => None,
    };
    let (first, current) = (run.plan_digest, current_plan_digest);
    let (first_text, current_text) = (core.store.plans().get(&first).await?, core.store.plans().get(&current).await?);
    let asked = asked_for(core, &run).await?;
    let read = || {
        if !is_in_force(&current, &first, grant.as_ref()) {
            return Err(BrokenPlan::NotSigned(current));
        }
        let plan = Plan::signed(&first_text)?;
        let rest = if current == first { None } else { Some(GatePlan::signed(&current_text, &first)?) };
        if asked.iter().any(|digest| *digest != current.to_string()) {
            return Err(BrokenPlan::NotSigned(current));
        }
        let facts = plan.facts.clone().or_else(|| rest.as_ref().and_then(|rest| rest.facts.clone()));
        let actions = match rest {
            None => plan.actions.clone(),
            Some(rest) => merged(plan.actions.clone(), rest),
        };
        Ok((actions, facts, plan))
    };
    let read = read();
    if let Err(BrokenPlan::OtherDigest(digest) | BrokenPlan::NotSigned(digest)) = &read {
        tampering::report(core, &Origin::system(), vec![runs::plan_finding(&run, *digest)]).await?;
    }
    Ok(read.map(|(actions, facts, plan)| {
        let facts = facts_in_force(&actions, facts);
        Underway { run, gates, plan, grant, actions, facts }
    }))
}

/// The digest that the run's latest approval was asked for, as the log has it.
async fn asked_for(core: &Core, run: &Run) -> Result<Vec<String>, ServiceError> {
    let Some(approval) = run.approval_id else { return Ok(Vec::new()) };
    let requested = AuditAction::ApprovalRequested;
    let logged = core.store.audit().facts_of_one(requested, run.incident_id, &approval.to_string()).await?;
    Ok(logged.iter().filter_map(|entry| entry.text("plan_digest").map(str::to_owned)).collect())
}

/// The first plan's steps up to the gate, and from there on those that were resolved and signed anew.
fn merged(first: Vec<PlannedAction>, gate: GatePlan) -> Vec<PlannedAction> {
    first.into_iter().take_while(|action| action.step != gate.from_step).chain(gate.actions).collect()
}

async fn advance(core: &Arc<Core>, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    let gates_passed = gate::passed(core, underway).await?;
    let now = core.store.now().await?;
    let standing = playbooks::Progress {
        actions: &underway.actions,
        steps: &underway.run.steps,
        gates_passed: &gates_passed,
        holds_facts: if underway.facts.is_some() { HoldsFacts::Yes } else { HoldsFacts::No },
        now,
    };
    match next(&standing, &underway.scope(core.clock.now())) {
        Next::Execute { step, input } => {
            match Standing::of(&underway.gate_of(&step), underway.grant.as_ref(), underway.binding_of(core, &step)) {
                Standing::Free => execution::execute(core, job, underway, (step, input, None)).await,
                Standing::Signed(grant) => {
                    checkpoints::cover(core, &underway.run).await?;
                    execution::execute(core, job, underway, (step, input, Some(grant))).await
                }
                Standing::Unsigned => gate::ask_for_rest(core, job, underway, (step, gate::Occasion::Gate)).await,
                Standing::Stale => gate::ask_for_rest(core, job, underway, (step, gate::Occasion::StalePlan)).await,
                Standing::Changed => fail(core, job, &underway.run, PLAN_CHANGED.to_owned()).await,
            }
        }
        Next::Resume { step } => match underway.binding_of(core, &step) {
            Binding::AsPlanned => execution::resume(core, job, underway, &step).await,
            Binding::Changed => fail(core, job, &underway.run, PLAN_CHANGED.to_owned()).await,
        },
        Next::Wait { until } => {
            core.store.retry_job_later(job, until).await?;
            Ok(Progress::Done)
        }
        Next::Undo { step, action, input } => undoing::undo(core, job, underway, (step, action, input)).await,
        Next::UndoInDoubt { step } => undoing::recover(core, job, underway, &step).await,
        Next::Gate { step } => gate::ask_for_rest(core, job, underway, (step, gate::Occasion::Gate)).await,
        Next::Outdated { step } => match Standing::of(&underway.gate_of(&step), underway.grant.as_ref(), Binding::Changed) {
            Standing::Free | Standing::Changed => fail(core, job, &underway.run, PLAN_CHANGED.to_owned()).await,
            Standing::Unsigned => gate::ask_for_rest(core, job, underway, (step, gate::Occasion::Gate)).await,
            Standing::Signed(_) | Standing::Stale => {
                gate::ask_for_rest(core, job, underway, (step, gate::Occasion::StalePlan)).await
            }
        },
        Next::InDoubt { step } => {
            let in_doubt = execution::step_of(underway, &step)?;
            doubt::settle(core, job, &underway.run, underway.doubt_of(core, in_doubt)).await
        }
        Next::Skip { step, reason } => execution::skip(core, job, underway, (step, reason)).await,
        Next::Complete => complete(core, job, underway).await,
        Next::Fail { step, error } => fail(core, job, &underway.run, format!("{step}: {error}")).await,
    }
}

async fn complete(core: &Core, job: &ClaimedJob, underway: &Underway) -> Result<Progress, ServiceError> {
    CrashPoint::BeforeRunEnds.reach();
    let (job, run, on_success, at) = (job.clone(), underway.run.clone(), underway.plan.on_success, core.clock.now());
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

/// Ends the run as failed; a step that was begun and never ended is then a person's to look into.
async fn fail(core: &Core, job: &ClaimedJob, run: &Run, error: String) -> Result<Progress, ServiceError> {
    let (job, run, at) = (job.clone(), run.clone(), core.clock.now());
    core.store
        .write(move |tx| async move {
            tx.jobs().finish(&job).await?;
            let still = runs::locked(&tx, run.id).await?;
            if still.status != run.status {
                return Ok(Trail::unchanged(Progress::More));
            }
            let mut entries = doubt::leave_open(&tx, &still, None).await?;
            let ending = Ending { status: RunStatus::Failed, error: Some(error) };
            entries.extend(runs::end(&tx, &still, ending, (&Origin::system(), at)).await?);
            Ok::<_, ServiceError>(Trail::new(Progress::Done, entries))
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
