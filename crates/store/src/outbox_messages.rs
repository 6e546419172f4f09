//! Messages that go out as files: which outbox has each of them, on record before its file is written, and whether it was.

use domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::outbox_messages::{ActiveModel, Column, Entity, Model};
use crate::error::StoreError;
use crate::nouns::{OutboxMessages, Reads};
use crate::rows::{maybe_time, time};
use crate::write::Tx;

/// A message that is to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutboxMessage {
    /// The same for every attempt at the same message.
    pub key: String,
    /// The outbox whose folder its file goes to.
    pub outbox: String,
    /// What its file holds.
    pub body: String,
}

/// A message that goes out, or has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    pub new: NewOutboxMessage,
    /// By the database's clock.
    pub claimed_at: Timestamp,
    /// When its file was written; `None` while that is not known.
    pub written_at: Option<Timestamp>,
}

impl<D: Reads> OutboxMessages<'_, D> {
    /// The message with this key.
    pub async fn find(&self, key: &str) -> Result<Option<OutboxMessage>, StoreError> {
        Ok(Entity::find_by_id(key).one(self.0.connected()).await?.map(OutboxMessage::from))
    }

    /// At most so many messages of an outbox whose files are not known to be written, the oldest first.
    pub async fn list_unwritten(&self, outbox: &str, limit: u64) -> Result<Vec<OutboxMessage>, StoreError> {
        let unwritten = Entity::find().filter(Column::Outbox.eq(outbox)).filter(Column::WrittenAt.is_null());
        let oldest_first = unwritten.order_by_asc(Column::ClaimedAt).order_by_asc(Column::Key).limit(limit);
        Ok(oldest_first.all(self.0.connected()).await?.into_iter().map(OutboxMessage::from).collect())
    }
}

impl OutboxMessages<'_, Tx> {
    /// Puts on record that a message goes out from this outbox; answers with what is on record, which may be that it is another's.
    pub async fn claim(&self, new: NewOutboxMessage) -> Result<OutboxMessage, StoreError> {
        // First of all a look: on SQLite the guard against replacing rows refuses a key that is there, whatever the conflict is to do.
        if let Some(known) = self.find(&new.key).await? {
            return Ok(known);
        }
        let (key, now) = (new.key.clone(), self.0.now().await?);
        let row = ActiveModel {
            key: Set(new.key),
            outbox: Set(new.outbox),
            body: Set(new.body),
            claimed_at: Set(now.unix_ms()),
            written_at: Set(None),
        };
        let taken = OnConflict::column(Column::Key).do_nothing().to_owned();
        Entity::insert(row).on_conflict(taken).exec_without_returning(self.0.connection()).await?;
        self.find(&key).await?.ok_or_else(|| StoreError::NotFound(format!("message {key}")))
    }

    /// Remembers that its file is written.
    pub async fn set_written(&self, key: &str) -> Result<(), StoreError> {
        let now = self.0.now().await?;
        let written = Entity::update_many().col_expr(Column::WrittenAt, Expr::value(now.unix_ms()));
        written.filter(Column::Key.eq(key)).filter(Column::WrittenAt.is_null()).exec(self.0.connection()).await?;
        Ok(())
    }

    /// The message does not go out after all, unless its file is written.
    pub async fn withdraw(&self, key: &str) -> Result<(), StoreError> {
        let unwritten = Entity::delete_many().filter(Column::Key.eq(key)).filter(Column::WrittenAt.is_null());
        unwritten.exec(self.0.connection()).await?;
        Ok(())
    }
}

impl From<Model> for OutboxMessage {
    fn from(row: Model) -> Self {
        Self {
            new: NewOutboxMessage { key: row.key, outbox: row.outbox, body: row.body },
            claimed_at: time(row.claimed_at),
            written_at: maybe_time(row.written_at),
        }
    }
}
