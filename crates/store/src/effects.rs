//! Effects as rows: the intent to call a connector, on record before the call. The database itself refuses one of a gated step
//! without its grant, and a second one of the same step and kind.

use std::collections::{BTreeMap, BTreeSet};

use domain::action::Action;
use domain::containment::entity_of;
use domain::id::{IncidentId, RunId, StepId};
use domain::plan::RunMode;
use domain::run::{StepStatus, UndoStatus};
use domain::search;
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::entity::effects::{ActiveModel, Column, Entity, Model};
use crate::entity::{run_steps, runs};
use crate::error::StoreError;
use crate::nouns::{Effects, Reads};
use crate::rows::{json, maybe_word, time, to_json, word};
use crate::write::Tx;

/// Of more effects on some entities only the newest count.
const DONE_MAX: u64 = 1_000;

/// Is it done, or taken back?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectKind {
    Do,
    Undo,
}

/// The intent to call a connector.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Run and step, without a number of the attempt: the connector sees the same key each time.
    pub key: String,
    pub run_id: RunId,
    pub step: StepId,
    pub kind: EffectKind,
    /// What allows it, where the step is gated.
    pub grant_id: Option<Uuid>,
    pub action: Action,
    pub connector: String,
    pub input: Map<String, Value>,
    pub started_at: Timestamp,
}

impl<D: Reads> Effects<'_, D> {
    /// The effect with this key.
    pub async fn find(&self, key: &str) -> Result<Option<Effect>, StoreError> {
        Entity::find_by_id(key).one(self.0.connected()).await?.map(Effect::try_from).transpose()
    }

    /// The effects of a run, in the order in which they were intended.
    pub async fn list_of_run(&self, run_id: RunId) -> Result<Vec<Effect>, StoreError> {
        let of_run = Entity::find().filter(Column::RunId.eq(run_id.number()));
        let rows = of_run.order_by_asc(Column::StartedAt).order_by_asc(Column::Key).all(self.0.connected()).await?;
        rows.into_iter().map(Effect::try_from).collect()
    }

    /// What live runs have done to the entities of these terms and that succeeded, in its order, each with its run's incident.
    pub async fn list_done_to(&self, terms: &[String]) -> Result<Vec<(Effect, IncidentId)>, StoreError> {
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let intended = Entity::find().filter(Column::Target.is_in(terms.iter().map(String::as_str)));
        let newest_first = intended.order_by_desc(Column::StartedAt).order_by_desc(Column::Key).limit(DONE_MAX);
        let rows = newest_first.all(self.0.connected()).await?;
        let run_ids: BTreeSet<i64> = rows.iter().map(|row| row.run_id).collect();
        let incidents = self.incidents_of_live(&run_ids).await?;
        let succeeded = self.steps_that_succeeded(&run_ids).await?;
        let done = rows.into_iter().rev().filter_map(|row| {
            let incident = *incidents.get(&row.run_id)?;
            let is_done = succeeded.contains(&(row.run_id, row.step.clone(), row.kind.clone()));
            is_done.then(|| Ok((Effect::try_from(row)?, incident)))
        });
        done.collect()
    }

    async fn incidents_of_live(&self, run_ids: &BTreeSet<i64>) -> Result<BTreeMap<i64, IncidentId>, StoreError> {
        let live = runs::Entity::find()
            .select_only()
            .columns([runs::Column::Id, runs::Column::IncidentId])
            .filter(runs::Column::Id.is_in(run_ids.iter().copied()))
            .filter(runs::Column::Mode.eq(RunMode::Live.as_str()));
        let rows: Vec<(i64, i64)> = live.into_tuple().all(self.0.connected()).await?;
        Ok(rows.into_iter().map(|(run, incident)| (run, IncidentId::new(incident))).collect())
    }

    /// Run, step and kind of each effect with a good outcome. What was taken back had succeeded before.
    async fn steps_that_succeeded(&self, run_ids: &BTreeSet<i64>) -> Result<BTreeSet<(i64, String, String)>, StoreError> {
        let of_runs = run_steps::Entity::find().filter(run_steps::Column::RunId.is_in(run_ids.iter().copied()));
        let mut succeeded = BTreeSet::new();
        for row in of_runs.all(self.0.connected()).await? {
            if [StepStatus::Succeeded.as_str(), StepStatus::Undone.as_str()].contains(&row.status.as_str()) {
                succeeded.insert((row.run_id, row.step.clone(), EffectKind::Do.as_str().to_owned()));
            }
            if row.undo.as_deref() == Some(UndoStatus::Succeeded.as_str()) {
                succeeded.insert((row.run_id, row.step, EffectKind::Undo.as_str().to_owned()));
            }
        }
        Ok(succeeded)
    }
}

impl Effects<'_, Tx> {
    /// Puts an intent on record; [`StoreError::AlreadyExists`] if its key is, [`StoreError::Refused`] without the step's grant.
    pub async fn insert(&self, effect: &Effect) -> Result<(), StoreError> {
        if self.find(&effect.key).await?.is_some() {
            return Err(StoreError::AlreadyExists(format!("effect {}", effect.key)));
        }
        let row = ActiveModel {
            key: Set(effect.key.clone()),
            run_id: Set(effect.run_id.number()),
            step: Set(effect.step.to_string()),
            kind: Set(effect.kind.as_str().to_owned()),
            grant_id: Set(effect.grant_id.map(|id| id.to_string())),
            action: Set(effect.action.to_string()),
            connector: Set(effect.connector.clone()),
            input: Set(to_json(&effect.input)?),
            started_at: Set(effect.started_at.unix_ms()),
            target: Set(target(effect)),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}

/// The term of the entity that it takes hold of or lets go. PostgreSQL keeps no U+0000, and no entity has one.
fn target(effect: &Effect) -> Option<String> {
    let (kind, value) = entity_of(effect.action, &effect.input)?;
    (!value.contains('\0')).then(|| search::term_of_observable(kind, value))
}

impl EffectKind {
    /// The one spelling, in the database too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::Undo => "undo",
        }
    }
}

impl TryFrom<Model> for Effect {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            run_id: RunId::new(row.run_id),
            step: word(&row.step)?,
            kind: if row.kind == EffectKind::Undo.as_str() { EffectKind::Undo } else { EffectKind::Do },
            grant_id: maybe_word(row.grant_id.as_deref())?,
            action: word(&row.action)?,
            connector: row.connector,
            input: json(&row.input)?,
            started_at: time(row.started_at),
            key: row.key,
        })
    }
}
