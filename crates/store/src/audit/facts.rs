//! What entries say of something by their facts, for whoever compares it with what the tables say.

use domain::audit::{AuditAction, Target};
use domain::id::IncidentId;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use serde_json::{Map, Value};

use super::actions;
use super::leaves::{self, Leaf};
use crate::entity::audit_entries::{Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};

/// The facts of an entry, and what it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedFacts {
    pub target: Target,
    pub facts: Map<String, Value>,
}

impl LoggedFacts {
    /// A fact that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.facts.get(name)?.as_str()
    }
}

impl<D: Reads> Audit<'_, D> {
    /// What the entries of this action about these incidents say. They are found by their incidents.
    pub async fn facts_of_incidents(
        &self,
        action: AuditAction,
        incidents: &[IncidentId],
    ) -> Result<Vec<LoggedFacts>, StoreError> {
        if incidents.is_empty() {
            return Ok(Vec::new());
        }
        self.facts(of_incidents(action, incidents)).await
    }

    /// What the entries of this action about one thing of this incident say.
    pub async fn facts_of_one(
        &self,
        action: AuditAction,
        incident: IncidentId,
        target_id: &str,
    ) -> Result<Vec<LoggedFacts>, StoreError> {
        let is_it = leaves::target_id(self.0.connected().get_database_backend())?.eq(target_id);
        self.facts(of_incidents(action, &[incident]).filter(is_it)).await
    }

    /// What the entries of this action, which concerns no incident, say about one thing.
    pub async fn facts_of_setting(&self, action: AuditAction, target_id: &str) -> Result<Vec<LoggedFacts>, StoreError> {
        let is_it = leaves::target_id(self.0.connected().get_database_backend())?.eq(target_id);
        self.facts(Entity::find().filter(actions::acting(action)).filter(is_it)).await
    }

    async fn facts(&self, entries: Select<Entity>) -> Result<Vec<LoggedFacts>, StoreError> {
        let rows: Vec<(i64, String)> =
            entries.select_only().columns([Column::Seq, Column::Leaf]).into_tuple().all(self.0.connected()).await?;
        let read = |(seq, leaf): (i64, String)| {
            leaves::read::<Leaf>(seq, &leaf).map(|Leaf { target, facts, .. }| LoggedFacts { target, facts })
        };
        rows.into_iter().map(read).collect()
    }
}

/// Without the words of the index of actions: that one would be walked through all incidents.
pub(super) fn of_incidents(action: AuditAction, incidents: &[IncidentId]) -> Select<Entity> {
    let wanted = Condition::all()
        .add(Column::IncidentId.is_in(incidents.iter().map(|id| id.number())))
        .add(Column::Action.eq(action.as_str()));
    Entity::find().filter(wanted)
}
