//! The record of the outbox's messages in the database, which all servers share: that a message goes out, and from which folder, is
//! committed before its file is written.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connectors::ConnectorError;
use connectors::action::outbox::{Message, MessageRecord, Standing};
use store::{NewOutboxMessage, Store, StoreError, Untrailed};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::core::Core;
use crate::crash_point::CrashPoint;

/// How often messages are looked for whose files are not known to be written.
const TAKE_UP_EVERY: Duration = Duration::from_secs(5);
/// Messages that are read at once.
const TAKEN_UP_MAX: u64 = 1_000;

/// Messages as rows.
pub struct StoredMessages {
    pub store: Store,
    pub clock: Clock,
}

#[async_trait]
impl MessageRecord for StoredMessages {
    fn new_outbox_name(&self) -> String {
        self.clock.uuid().to_string()
    }

    async fn claim(&self, outbox: &str, message: &Message) -> Result<Standing, ConnectorError> {
        let new = NewOutboxMessage { key: message.key.clone(), outbox: outbox.to_owned(), body: message.body.clone() };
        let claimed = self
            .store
            .write_untrailed(Untrailed::OutboxMessage, move |tx| async move { tx.outbox_messages().claim(new).await })
            .await
            .map_err(unusable)?;
        Ok(if claimed.written_at.is_some() {
            Standing::Written
        } else if claimed.new.outbox == outbox {
            CrashPoint::MessageClaimed.reach();
            Standing::Here
        } else {
            Standing::Elsewhere { since: claimed.claimed_at }
        })
    }

    async fn set_written(&self, key: &str) -> Result<(), ConnectorError> {
        CrashPoint::MessageWritten.reach();
        let key = key.to_owned();
        self.store
            .write_untrailed(Untrailed::OutboxMessage, move |tx| async move { tx.outbox_messages().set_written(&key).await })
            .await
            .map_err(unusable)
    }

    async fn withdraw(&self, key: &str) -> Result<(), ConnectorError> {
        let key = key.to_owned();
        self.store
            .write_untrailed(Untrailed::OutboxMessage, move |tx| async move { tx.outbox_messages().withdraw(&key).await })
            .await
            .map_err(unusable)
    }

    async fn is_waiting(&self, outbox: &str, key: &str) -> Result<bool, ConnectorError> {
        let found = self.store.outbox_messages().find(key).await.map_err(unusable)?;
        Ok(found.is_some_and(|message| message.new.outbox == outbox && message.written_at.is_none()))
    }

    async fn list_unwritten(&self, outbox: &str) -> Result<Vec<Message>, ConnectorError> {
        let rows = self.store.outbox_messages().list_unwritten(outbox, TAKEN_UP_MAX).await.map_err(unusable)?;
        Ok(rows.into_iter().map(|row| Message { key: row.new.key, body: row.new.body }).collect())
    }
}

fn unusable(error: StoreError) -> ConnectorError {
    ConnectorError::Record(error.to_string())
}

/// Clears up what a process that died has left, and ends what it had begun; and goes on looking, until the token is cancelled.
pub async fn take_up_regularly(core: Arc<Core>, end: CancellationToken) {
    for connector in core.registry.all() {
        if let Err(error) = connector.clear_up().await {
            tracing::warn!(%error, connector = connector.name(), "what an earlier process left could not be removed");
        }
    }
    loop {
        for connector in core.registry.all() {
            tokio::select! {
                () = end.cancelled() => return,
                taken_up = connector.take_up() => if let Err(error) = taken_up {
                    tracing::warn!(%error, connector = connector.name(), "what was begun could not be ended; trying again");
                },
            }
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(TAKE_UP_EVERY) => {}
        }
    }
}
