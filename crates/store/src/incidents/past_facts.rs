//! What incidents were before people changed them, as rows. What is judged by them is decided in `domain::incident::past`.

use domain::id::IncidentId;
use domain::incident::past::{PAST_FACTS_MAX, PastFacts};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entity::incident_past_facts::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};
use crate::rows::{big, json, to_json};
use crate::write::Tx;

impl<D: Reads> Incidents<'_, D> {
    /// What an incident was before people changed it, the oldest first; one more than [`PAST_FACTS_MAX`] if not all of it was kept.
    pub async fn list_past_facts(&self, id: IncidentId) -> Result<Vec<PastFacts>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(id.number())).order_by_asc(Column::Position);
        of_incident.all(self.0.connected()).await?.iter().map(|row| json(&row.facts)).collect()
    }
}

impl Incidents<'_, Tx> {
    /// Keeps what a locked incident was, unless the same is kept already.
    pub async fn keep_past_facts(&self, id: IncidentId, past: &[PastFacts]) -> Result<(), StoreError> {
        let mut known = self.list_past_facts(id).await?;
        for facts in past {
            if known.contains(facts) || known.len() > PAST_FACTS_MAX {
                continue;
            }
            let row = ActiveModel { incident_id: Set(id.number()), position: Set(big(known.len())), facts: Set(to_json(facts)?) };
            Entity::insert(row).exec_without_returning(self.0.connection()).await?;
            known.push(facts.clone());
        }
        Ok(())
    }
}
