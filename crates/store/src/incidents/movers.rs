//! Who moved incidents by hand, as rows: they contribute to plans that read where an incident stands.

use domain::id::{IncidentId, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::incident_movers::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Incidents, Reads};
use crate::rows::{insert_all_or, word};
use crate::write::Tx;

impl<D: Reads> Incidents<'_, D> {
    /// The people who moved it.
    pub async fn movers(&self, id: IncidentId) -> Result<Vec<UserId>, StoreError> {
        let rows = Entity::find().filter(Column::IncidentId.eq(id.number())).all(self.0.connected()).await?;
        rows.iter().map(|row| word(&row.user_id)).collect()
    }
}

impl Incidents<'_, Tx> {
    /// Remembers that these people moved it.
    pub async fn add_movers(&self, id: IncidentId, people: &[UserId]) -> Result<(), StoreError> {
        let known = self.movers(id).await?;
        let new = people.iter().filter(|person| !known.contains(person));
        let rows = new.map(|person| ActiveModel { incident_id: Set(id.number()), user_id: Set(person.to_string()) });
        let twice = OnConflict::columns([Column::IncidentId, Column::UserId]).do_nothing().to_owned();
        insert_all_or(self.0.connection(), rows.collect(), twice).await
    }
}
