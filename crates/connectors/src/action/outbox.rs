//! Messages as files: one JSON document per message in a folder, for development, tests and sites without a mail server yet.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{Connector, ConnectorError, Effect, Recovery};

/// Writes each message to `FOLDER/<key>.json`, whole or not at all.
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    /// An outbox in this folder, which is made when the first message comes.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
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

    fn recovery(&self) -> Recovery {
        Recovery::CallAgain
    }

    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError> {
        let name = format!("{}.json", effect.key);
        let message = json!({
            "key": effect.key,
            "incident_id": effect.incident_id,
            "run_id": effect.run_id,
            "step": effect.step,
            "action": effect.action,
            "parameters": effect.parameters,
        });
        write_whole(&self.folder, &name, message.to_string().as_bytes()).await?;
        Ok(json!({ "file": name }))
    }
}

/// Written beside and renamed into place, so that a reader never sees half a message, and a second time replaces the same file.
async fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let beside = folder.join(format!(".{name}.part"));
    tokio::fs::write(&beside, bytes).await?;
    tokio::fs::File::open(&beside).await?.sync_all().await?;
    tokio::fs::rename(&beside, folder.join(name)).await
}
