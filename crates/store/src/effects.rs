//! Effects as rows: the intent to call a connector, on record before the call. The database itself refuses one of a gated step
//! without its grant, and a second one of the same step and kind.

use domain::action::Action;
use domain::id::{RunId, StepId};
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::entity::effects::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{Effects, Reads};
use crate::rows::{json, maybe_word, time, to_json, word};
use crate::write::Tx;

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
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
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
