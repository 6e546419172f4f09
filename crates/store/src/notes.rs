//! Notes that people wrote on incidents. They are only added.

use domain::id::{IncidentId, NoteId, UserId};
use domain::note::Note;
use domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::notes::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Notes, Reads};
use crate::numbers::Numbered;
use crate::rows::time;
use crate::users::{reference, usernames};
use crate::write::Tx;

/// A note before it has its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    pub incident_id: IncidentId,
    pub author: UserId,
    pub text: String,
    pub created_at: Timestamp,
}

impl<D: Reads> Notes<'_, D> {
    /// The newest notes on an incident, the newest first.
    pub async fn list_of_incident(&self, incident_id: IncidentId, limit: u64) -> Result<Vec<Note>, StoreError> {
        let of_incident = Entity::find().filter(Column::IncidentId.eq(incident_id.number()));
        let rows = of_incident.order_by_desc(Column::Id).limit(limit).all(self.0.connected()).await?;
        let names = usernames(self.0.connected(), rows.iter().map(|row| row.author.clone()).collect()).await?;
        rows.into_iter()
            .map(|row| {
                Ok(Note {
                    id: NoteId::new(row.id),
                    incident_id,
                    author: reference(&names, &row.author)?,
                    text: row.text,
                    created_at: time(row.created_at),
                })
            })
            .collect()
    }
}

impl Notes<'_, Tx> {
    /// Adds a note.
    pub async fn insert(&self, note: &NewNote) -> Result<NoteId, StoreError> {
        let number = self.0.next_number(Numbered::Notes).await?;
        let row = ActiveModel {
            id: Set(number),
            incident_id: Set(note.incident_id.number()),
            author: Set(note.author.to_string()),
            text: Set(note.text.clone()),
            created_at: Set(note.created_at.unix_ms()),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(NoteId::new(number))
    }
}
