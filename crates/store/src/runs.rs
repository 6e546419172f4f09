//! Runs and their steps as rows. What comes next in a run is decided in the crate `playbooks`; the database itself allows one active
//! live run for each incident, and never changes what was asked for.

use std::collections::{BTreeSet, HashMap};

use domain::action::Action;
use domain::digest::Digest;
use domain::grant::Gated;
use domain::id::{ApprovalId, IncidentId, PlaybookId, RunId, StepId, UserId};
use domain::incident::State;
use domain::plan::RunMode;
use domain::run::{Run, RunStatus, Step, StepStatus, UndoStatus};
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use serde_json::Value;

use crate::entity::{run_steps, runs};
use crate::error::StoreError;
use crate::nouns::{Reads, Runs};
use crate::numbers::Numbered;
use crate::page::{Cursor, Page, PageRequest};
use crate::rows::{big, insert_all, maybe_json, maybe_time, maybe_word, small, time, to_json, word};
use crate::users::{Usernames, maybe_reference, usernames};
use crate::write::Tx;

mod standings;

pub use standings::RunStanding;

/// A step of a run that is being asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStep {
    pub id: StepId,
    pub action: Action,
    pub connector: String,
    pub gated: Gated,
}

/// A run that is being asked for. Its plan must be stored already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    pub incident_id: IncidentId,
    pub playbook_id: PlaybookId,
    pub playbook_digest: Digest,
    pub plan_digest: Digest,
    pub mode: RunMode,
    pub status: RunStatus,
    pub requested_by: Option<UserId>,
    /// Then every step must be gated.
    pub approval_required: bool,
    pub asked_from: State,
    pub requested_at: Timestamp,
    pub steps: Vec<NewStep>,
}

/// A run with what its execution needs to know beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    pub run: Run,
    pub approval_required: bool,
    /// The plan that is executed now: the first one, or what was signed at the last gate.
    pub current_plan_digest: Digest,
    /// Which approval each step stands behind, in the order of the steps.
    pub gates: Vec<Gated>,
}

impl<D: Reads> Runs<'_, D> {
    /// The run with this id. In a change it stays as it is until the change ends.
    pub async fn find(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        Ok(self.find_stored(id).await?.map(|stored| stored.run))
    }

    /// The same; an error if there is no such run.
    pub async fn get(&self, id: RunId) -> Result<Run, StoreError> {
        self.find(id).await?.ok_or_else(|| StoreError::NotFound(id.to_string()))
    }

    /// The run with what its execution needs to know. In a change it stays as it is until the change ends.
    pub async fn find_stored(&self, id: RunId) -> Result<Option<StoredRun>, StoreError> {
        let row = self.0.for_decision(runs::Entity::find_by_id(id.number())).one(self.0.connected()).await?;
        Ok(self.complete(row.into_iter().collect()).await?.pop())
    }

    /// The latest approval of a run. The run is not locked: who decides upon both locks the approval first.
    pub async fn find_latest_approval(&self, id: RunId) -> Result<Option<ApprovalId>, StoreError> {
        let of_run = runs::Entity::find_by_id(id.number()).select_only().column(runs::Column::ApprovalId);
        let latest: Option<Option<i64>> = of_run.into_tuple().one(self.0.connected()).await?;
        Ok(latest.flatten().map(ApprovalId::new))
    }

    /// A page of runs, the newest first.
    pub async fn list(&self, request: PageRequest) -> Result<Page<Run>, StoreError> {
        self.page(runs::Entity::find(), request).await
    }

    /// A page of the runs of a playbook, whatever its version, the newest first.
    pub async fn page_of_playbook(&self, id: &PlaybookId, request: PageRequest) -> Result<Page<Run>, StoreError> {
        self.page(runs::Entity::find().filter(runs::Column::PlaybookId.eq(id.as_str())), request).await
    }

    async fn page(&self, wanted: Select<runs::Entity>, request: PageRequest) -> Result<Page<Run>, StoreError> {
        let mut newest_first = wanted.order_by_desc(runs::Column::Id).limit(request.rows());
        if let Some(after) = request.after {
            newest_first = newest_first.filter(runs::Column::Id.lt(after.number));
        }
        let rows = newest_first.all(self.0.connected()).await?;
        let page = request.cut(rows, |row| Cursor { sort_key: 0, number: row.id });
        Ok(Page { items: self.runs(page.items).await?, next: page.next })
    }

    /// The newest runs on an incident, the newest first.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Run>, StoreError> {
        let of_incident = runs::Entity::find().filter(runs::Column::IncidentId.eq(incident_id.number()));
        let rows = of_incident.order_by_desc(runs::Column::Id).limit(limit).all(self.0.connected()).await?;
        self.runs(rows).await
    }

    /// The newest runs of a playbook, dry runs too, the newest first.
    pub async fn list_of_playbook(&self, playbook_id: &PlaybookId, limit: u64) -> Result<Vec<Run>, StoreError> {
        let of_playbook = runs::Entity::find().filter(runs::Column::PlaybookId.eq(playbook_id.as_str()));
        let rows = of_playbook.order_by_desc(runs::Column::Id).limit(limit).all(self.0.connected()).await?;
        self.runs(rows).await
    }

    /// The live run that holds an incident. It is not locked: who decides upon it locks the incident.
    pub async fn active_of_incident(&self, incident_id: IncidentId) -> Result<Option<Run>, StoreError> {
        let active = RunStatus::ALL.iter().filter(|status| status.is_active()).map(|status| status.as_str());
        let row = runs::Entity::find()
            .filter(runs::Column::IncidentId.eq(incident_id.number()))
            .filter(runs::Column::Mode.eq(RunMode::Live.as_str()))
            .filter(runs::Column::Status.is_in(active))
            .one(self.0.connected())
            .await?;
        Ok(self.runs(row.into_iter().collect()).await?.pop())
    }

    /// Which of these incidents a live run holds.
    pub async fn incidents_held(&self, incident_ids: &[IncidentId]) -> Result<BTreeSet<IncidentId>, StoreError> {
        let active = RunStatus::ALL.iter().filter(|status| status.is_active()).map(|status| status.as_str());
        let held: Vec<i64> = runs::Entity::find()
            .select_only()
            .column(runs::Column::IncidentId)
            .filter(runs::Column::IncidentId.is_in(incident_ids.iter().map(|id| id.number())))
            .filter(runs::Column::Mode.eq(RunMode::Live.as_str()))
            .filter(runs::Column::Status.is_in(active))
            .into_tuple()
            .all(self.0.connected())
            .await?;
        Ok(held.into_iter().map(IncidentId::new).collect())
    }

    /// The runs with this status, the oldest first.
    pub async fn list_with_status(&self, status: RunStatus, limit: u64) -> Result<Vec<Run>, StoreError> {
        let with_status = runs::Entity::find().filter(runs::Column::Status.eq(status.as_str()));
        let rows = with_status.order_by_asc(runs::Column::Id).limit(limit).all(self.0.connected()).await?;
        self.runs(rows).await
    }

    async fn runs(&self, rows: Vec<runs::Model>) -> Result<Vec<Run>, StoreError> {
        Ok(self.complete(rows).await?.into_iter().map(|stored| stored.run).collect())
    }

    async fn complete(&self, rows: Vec<runs::Model>) -> Result<Vec<StoredRun>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let people: BTreeSet<String> = rows.iter().filter_map(|row| row.requested_by.clone()).collect();
        let names = usernames(self.0.connected(), people).await?;
        let steps = run_steps::Entity::find()
            .filter(run_steps::Column::RunId.is_in(rows.iter().map(|row| row.id)))
            .order_by_asc(run_steps::Column::Position)
            .all(self.0.connected())
            .await?;
        let mut steps_of: HashMap<i64, Vec<run_steps::Model>> = HashMap::new();
        for step in steps {
            steps_of.entry(step.run_id).or_default().push(step);
        }
        rows.into_iter().map(|row| stored_run(&names, steps_of.remove(&row.id).unwrap_or_default(), row)).collect()
    }
}

impl Runs<'_, Tx> {
    /// Adds a run with its steps; [`StoreError::AlreadyExists`] if the incident has an active one and this one is live.
    pub async fn insert(&self, run: &NewRun) -> Result<RunId, StoreError> {
        let id = RunId::new(self.0.next_number(Numbered::Runs).await?);
        let row = runs::ActiveModel {
            id: Set(id.number()),
            incident_id: Set(run.incident_id.number()),
            playbook_id: Set(run.playbook_id.to_string()),
            playbook_digest: Set(run.playbook_digest.to_string()),
            plan_digest: Set(run.plan_digest.to_string()),
            mode: Set(run.mode.to_string()),
            status: Set(run.status.to_string()),
            requested_by: Set(run.requested_by.map(|id| id.to_string())),
            approval_id: Set(None),
            approval_required: Set(run.approval_required.into()),
            asked_from: Set(run.asked_from.to_string()),
            current_plan_digest: Set(run.plan_digest.to_string()),
            requested_at: Set(run.requested_at.unix_ms()),
            started_at: Set(None),
            finished_at: Set(None),
            error: Set(None),
        };
        runs::Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        let steps = run.steps.iter().enumerate().map(|(position, step)| step_row(id, position, step));
        insert_all(self.0.connection(), steps.collect()).await?;
        Ok(id)
    }

    /// Saves the status, the approval, the times and the error of a run; [`StoreError::Stale`] if it no longer has the status `from`.
    pub async fn save(&self, run: &Run, from: RunStatus) -> Result<(), StoreError> {
        let saved = runs::Entity::update_many()
            .col_expr(runs::Column::Status, Expr::value(run.status.as_str()))
            .col_expr(runs::Column::ApprovalId, Expr::value(run.approval_id.map(ApprovalId::number)))
            .col_expr(runs::Column::StartedAt, Expr::value(run.started_at.map(Timestamp::unix_ms)))
            .col_expr(runs::Column::FinishedAt, Expr::value(run.finished_at.map(Timestamp::unix_ms)))
            .col_expr(runs::Column::Error, Expr::value(run.error.clone()))
            .filter(runs::Column::Id.eq(run.id.number()))
            .filter(runs::Column::Status.eq(from.as_str()))
            .exec(self.0.connection())
            .await?;
        if saved.rows_affected == 0 { Err(StoreError::Stale(run.id.to_string())) } else { Ok(()) }
    }

    /// From now on the run executes this plan, which must be stored already.
    pub async fn set_current_plan(&self, id: RunId, plan_digest: &Digest) -> Result<(), StoreError> {
        runs::Entity::update_many()
            .col_expr(runs::Column::CurrentPlanDigest, Expr::value(plan_digest.to_string()))
            .filter(runs::Column::Id.eq(id.number()))
            .exec(self.0.connection())
            .await?;
        Ok(())
    }

    /// Saves what became of a step; [`StoreError::Stale`] if it no longer has the status `from`.
    pub async fn save_step(&self, run_id: RunId, step: &Step, from: StepStatus) -> Result<(), StoreError> {
        let text = |value: &Option<Value>| value.as_ref().map(to_json).transpose();
        let saved = run_steps::Entity::update_many()
            .col_expr(run_steps::Column::Status, Expr::value(step.status.as_str()))
            .col_expr(run_steps::Column::Attempts, Expr::value(i64::from(step.attempts)))
            .col_expr(run_steps::Column::Input, Expr::value(text(&step.input)?))
            .col_expr(run_steps::Column::Output, Expr::value(text(&step.output)?))
            .col_expr(run_steps::Column::Error, Expr::value(step.error.clone()))
            .col_expr(run_steps::Column::StartedAt, Expr::value(step.started_at.map(Timestamp::unix_ms)))
            .col_expr(run_steps::Column::FinishedAt, Expr::value(step.finished_at.map(Timestamp::unix_ms)))
            .col_expr(run_steps::Column::DueAt, Expr::value(step.due_at.map(Timestamp::unix_ms)))
            .col_expr(run_steps::Column::Undo, Expr::value(step.undo.map(UndoStatus::as_str)))
            .filter(run_steps::Column::RunId.eq(run_id.number()))
            .filter(run_steps::Column::Step.eq(step.id.as_str()))
            .filter(run_steps::Column::Status.eq(from.as_str()))
            .exec(self.0.connection())
            .await?;
        if saved.rows_affected == 0 { Err(StoreError::Stale(format!("step {} of {run_id}", step.id))) } else { Ok(()) }
    }
}

fn step_row(run_id: RunId, position: usize, step: &NewStep) -> run_steps::ActiveModel {
    run_steps::ActiveModel {
        run_id: Set(run_id.number()),
        position: Set(big(position)),
        step: Set(step.id.to_string()),
        action: Set(step.action.to_string()),
        connector: Set(step.connector.clone()),
        status: Set(StepStatus::Pending.to_string()),
        attempts: Set(0),
        gate: Set(gate_column(&step.gated)),
        input: Set(None),
        output: Set(None),
        error: Set(None),
        started_at: Set(None),
        finished_at: Set(None),
        due_at: Set(None),
        undo: Set(None),
    }
}

fn stored_run(names: &Usernames, steps: Vec<run_steps::Model>, row: runs::Model) -> Result<StoredRun, StoreError> {
    let gates = steps.iter().map(|step| gate(step.gate.as_deref())).collect::<Result<_, _>>()?;
    let run = Run {
        id: RunId::new(row.id),
        incident_id: IncidentId::new(row.incident_id),
        playbook_id: word(&row.playbook_id)?,
        playbook_digest: word(&row.playbook_digest)?,
        plan_digest: word(&row.plan_digest)?,
        mode: word(&row.mode)?,
        status: word(&row.status)?,
        requested_by: maybe_reference(names, row.requested_by.as_deref())?,
        approval_id: row.approval_id.map(ApprovalId::new),
        asked_from: word(&row.asked_from)?,
        requested_at: time(row.requested_at),
        started_at: maybe_time(row.started_at),
        finished_at: maybe_time(row.finished_at),
        error: row.error,
        steps: steps.into_iter().map(step).collect::<Result<_, _>>()?,
    };
    let current_plan_digest = word(&row.current_plan_digest)?;
    Ok(StoredRun { run, approval_required: row.approval_required != 0, current_plan_digest, gates })
}

fn step(row: run_steps::Model) -> Result<Step, StoreError> {
    Ok(Step {
        id: word(&row.step)?,
        action: word(&row.action)?,
        connector: row.connector,
        status: word(&row.status)?,
        attempts: small(row.attempts)?,
        input: maybe_json(row.input.as_deref())?,
        output: maybe_json(row.output.as_deref())?,
        error: row.error,
        started_at: maybe_time(row.started_at),
        finished_at: maybe_time(row.finished_at),
        due_at: maybe_time(row.due_at),
        undo: maybe_word(row.undo.as_deref())?,
    })
}

/// A gate in a column: null, empty, or the step; a grant names its gate in the same way.
pub(crate) fn gate_column(gate: &Gated) -> Option<String> {
    match gate {
        Gated::Nowhere => None,
        Gated::AtStart => Some(String::new()),
        Gated::AtStep(step) => Some(step.to_string()),
    }
}

/// The gate that a column names.
pub(crate) fn gate(column: Option<&str>) -> Result<Gated, StoreError> {
    match column {
        None => Ok(Gated::Nowhere),
        Some("") => Ok(Gated::AtStart),
        Some(step) => Ok(Gated::AtStep(word(step)?)),
    }
}
