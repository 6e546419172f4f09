//! The folder of playbooks, watched: what changes in it is in force without a restart. A file that is still being written is left
//! until it has rested for one look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use service::Services;
use tokio_util::sync::CancellationToken;

use super::open::folder_files;

/// How often the folder is looked at; a change is in force after two looks.
const LOOK: Duration = Duration::from_millis(500);

/// What the folder's files look like from outside: their lengths and times.
type Looks = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// A folder, and how it looked before it was loaded: what changes while it is loaded is a change too.
pub struct WatchedFolder {
    path: PathBuf,
    loaded: Looks,
}

impl WatchedFolder {
    /// The folder as it looks now. It may come into being later.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { loaded: look(&path), path }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Follows the folder until the token is cancelled.
    pub async fn follow(mut self, services: Services, end: CancellationToken) {
        let mut before = self.loaded.clone();
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let now = look(&self.path);
            if now != self.loaded && now == before {
                match load(&services, &self.path).await {
                    Ok(()) => self.loaded = now.clone(),
                    Err(error) => tracing::warn!(%error, "the folder of playbooks could not be read; trying again"),
                }
            }
            before = now;
        }
    }
}

async fn load(services: &Services, folder: &Path) -> anyhow::Result<()> {
    let files = if folder.is_dir() { folder_files(folder)? } else { Vec::new() };
    services.take_folder(&files).await?;
    tracing::info!(files = files.len(), "the folder of playbooks was read again");
    Ok(())
}

fn look(folder: &Path) -> Looks {
    let Ok(entries) = std::fs::read_dir(folder) else { return Looks::new() };
    let seen = |entry: std::fs::DirEntry| {
        let metadata = entry.metadata().ok()?;
        Some((entry.path(), (metadata.len(), metadata.modified().ok())))
    };
    entries.filter_map(|entry| seen(entry.ok()?)).collect()
}
