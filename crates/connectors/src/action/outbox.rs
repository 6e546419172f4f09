//! Messages as files: one JSON document per message in a folder, for development, tests and sites without a mail server yet. Several
//! servers may have folders of their own: which of them a message goes out from is on record before its file is written.

mod folder;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::timestamp::Timestamp;
use domain::visible::{Place, escaped_json, visible};
use serde_json::{Value, json};
use tokio::sync::Notify;

use self::folder::Folder;
use crate::{Connector, ConnectorError, Effect, Recovery};

/// The parameter that people read.
const MESSAGE: &str = "message";

/// A message that goes out: its key, and what its file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub key: String,
    pub body: String,
}

/// Where a message stands, as it is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes out from the outbox that asked.
    Here,
    /// Its file is written, wherever.
    Written,
    /// Since this time it goes out from another outbox, and its file is not known to be written.
    Elsewhere { since: Timestamp },
}

/// The record of messages that all servers share: what is in it is durable when a call returns.
#[async_trait]
pub trait MessageRecord: Send + Sync {
    /// A name that no other outbox has.
    fn new_outbox_name(&self) -> String;
    /// Has the message go out from this outbox, unless it is on record already.
    async fn claim(&self, outbox: &str, message: &Message) -> Result<Standing, ConnectorError>;
    /// The file of this message is written.
    async fn set_written(&self, key: &str) -> Result<(), ConnectorError>;
    /// Nothing of this message was written; it does not go out.
    async fn withdraw(&self, key: &str) -> Result<(), ConnectorError>;
    /// Does this message go out from this outbox, and is its file not known to be written?
    async fn is_waiting(&self, outbox: &str, key: &str) -> Result<bool, ConnectorError>;
    /// The messages of this outbox whose files are not known to be written.
    async fn list_unwritten(&self, outbox: &str) -> Result<Vec<Message>, ConnectorError>;
}

/// Writes each message to `FOLDER/<key>.json`, whole or not at all, and once among all outboxes with the same record.
pub struct Outbox {
    folder: Folder,
    record: Option<Arc<dyn MessageRecord>>,
    in_work: Arc<InWork>,
}

impl Outbox {
    /// An outbox in this folder, which is made when the first message comes.
    #[must_use]
    pub fn recorded_in(folder: &Path, record: Arc<dyn MessageRecord>) -> Self {
        Self { record: Some(record), ..Self::without_record(folder) }
    }

    /// The same, which only plans name: it sends nothing.
    #[must_use]
    pub fn without_record(folder: &Path) -> Self {
        Self { folder: Folder::new(folder), record: None, in_work: Arc::default() }
    }

    fn record(&self) -> Result<&dyn MessageRecord, ConnectorError> {
        self.record.as_deref().ok_or_else(|| ConnectorError::Record("there is none".to_owned()))
    }

    /// The message goes out, or has: its file is written in the end, by whoever has it.
    async fn send(&self, message: &Message) -> Result<(), ConnectorError> {
        let record = self.record()?;
        let outbox = self.folder.name(record.new_outbox_name()).await.map_err(ConnectorError::Outbox)?;
        let _working = InWork::begin(&self.in_work, &message.key).await;
        match record.claim(&outbox, message).await? {
            Standing::Here => self.write(record, message).await,
            Standing::Written => Ok(()),
            // It shares our folder, and died before it could say so.
            Standing::Elsewhere { .. } if self.folder.has(&message.key).await.map_err(ConnectorError::OutboxUnsure)? => {
                record.set_written(&message.key).await
            }
            Standing::Elsewhere { since } => Err(ConnectorError::HeldElsewhere { since }),
        }
    }

    async fn write(&self, record: &dyn MessageRecord, message: &Message) -> Result<(), ConnectorError> {
        let written = self.folder.write(message).await;
        if let Err(ConnectorError::Outbox(_)) = &written {
            // Nothing was written, and the step may fail of it: then nothing may be written later either.
            record.withdraw(&message.key).await?;
        }
        written?;
        record.set_written(&message.key).await
    }
}

#[async_trait]
impl Connector for Outbox {
    fn name(&self) -> &'static str {
        "outbox"
    }

    fn revision(&self) -> u32 {
        1
    }

    /// Whichever server calls again: the key is on record, and one outbox has it.
    fn recovery(&self) -> Recovery {
        Recovery::CallAgain
    }

    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError> {
        let message = Message { key: effect.key.clone(), body: document(effect) };
        self.send(&message).await?;
        Ok(json!({ "file": folder::file_name(&message.key) }))
    }

    async fn clear_up(&self) -> Result<(), ConnectorError> {
        self.folder.remove_leftovers().await.map_err(ConnectorError::Outbox)
    }

    async fn take_up(&self) -> Result<(), ConnectorError> {
        let Some(outbox) = self.folder.find_name().await.map_err(ConnectorError::Outbox)? else { return Ok(()) };
        let record = self.record()?;
        for message in record.list_unwritten(&outbox).await? {
            let Some(_working) = InWork::try_begin(&self.in_work, &message.key) else { continue };
            // What was withdrawn, or written by its own step, since the list was read is left alone.
            if record.is_waiting(&outbox, &message.key).await? {
                self.folder.write(&message).await?;
                record.set_written(&message.key).await?;
            }
        }
        Ok(())
    }
}

/// The effect as JSON. What people read of it is shown as anywhere else; the rest is exact, and escaped where it could deceive whoever
/// opens the file.
fn document(effect: &Effect) -> String {
    let mut parameters = effect.parameters.clone();
    if let Some(Value::String(message)) = parameters.get_mut(MESSAGE) {
        *message = visible(message, Place::Lines).into_owned();
    }
    let document = json!({
        "key": effect.key,
        "incident_id": effect.incident_id,
        "run_id": effect.run_id,
        "step": effect.step,
        "action": effect.action,
        "parameters": parameters,
    });
    escaped_json(&document.to_string()).into_owned()
}

/// The keys of the messages that this process is writing: each by one task at a time.
#[derive(Default)]
struct InWork {
    keys: Mutex<HashSet<String>>,
    ended: Notify,
}

/// A message that nobody else in this process is writing.
struct Working {
    key: String,
    among: Arc<InWork>,
}

impl InWork {
    fn try_begin(among: &Arc<Self>, key: &str) -> Option<Working> {
        let is_new = among.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
        is_new.then(|| Working { key: key.to_owned(), among: Arc::clone(among) })
    }

    async fn begin(among: &Arc<Self>, key: &str) -> Working {
        loop {
            let mut ended = std::pin::pin!(among.ended.notified());
            // Whoever ends from here on is heard.
            ended.as_mut().enable();
            if let Some(working) = Self::try_begin(among, key) {
                return working;
            }
            ended.await;
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.among.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.among.ended.notify_waiters();
    }
}
