//! Messages of Countersign itself as rows: queued with the change that caused them, sent by a job.

use domain::id::IncidentId;
use domain::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::entity::notifications::{ActiveModel, Column, Entity};
use crate::error::StoreError;
use crate::nouns::{Notifications, Reads};
use crate::numbers::Numbered;
use crate::rows::{maybe_time, time};
use crate::write::Tx;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    pub incident_id: IncidentId,
    /// What it is about, as the file of notifications names it.
    pub event: String,
    pub channel: String,
    pub message: String,
    pub queued_at: Timestamp,
}

/// A message, sent or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub id: i64,
    pub new: NewNotification,
    pub sent_at: Option<Timestamp>,
}

impl<D: Reads> Notifications<'_, D> {
    /// The message with this number.
    pub async fn find(&self, id: i64) -> Result<Option<Notification>, StoreError> {
        let row = Entity::find_by_id(id).one(self.0.connected()).await?;
        Ok(row.map(|row| Notification {
            id: row.id,
            new: NewNotification {
                incident_id: IncidentId::new(row.incident_id),
                event: row.event,
                channel: row.channel,
                message: row.message,
                queued_at: time(row.queued_at),
            },
            sent_at: maybe_time(row.sent_at),
        }))
    }
}

impl Notifications<'_, Tx> {
    /// Queues a message.
    pub async fn insert(&self, new: &NewNotification) -> Result<i64, StoreError> {
        let id = self.0.next_number(Numbered::Notifications).await?;
        let row = ActiveModel {
            id: Set(id),
            incident_id: Set(new.incident_id.number()),
            event: Set(new.event.clone()),
            channel: Set(new.channel.clone()),
            message: Set(new.message.clone()),
            queued_at: Set(new.queued_at.unix_ms()),
            sent_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(self.0.connection()).await?;
        Ok(id)
    }

    /// Remembers that it was sent.
    pub async fn set_sent(&self, id: i64, at: Timestamp) -> Result<(), StoreError> {
        let sent = Entity::update_many().col_expr(Column::SentAt, Expr::value(at.unix_ms()));
        sent.filter(Column::Id.eq(id)).exec(self.0.connection()).await?;
        Ok(())
    }
}
