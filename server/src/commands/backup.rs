//! `countersign backup` and `countersign restore`: the embedded database as one file, checked on the way out and on the way in.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use store::{ChangeState, Inspection, LogReport, copy_sqlite, inspect_sqlite};

use super::lock::DataLock;
use super::open;
use super::output::Output;
use crate::config::{DataConfig, DataFlags};

/// Copy the database into a file while the server runs, and verify the copy. SQLite only: for PostgreSQL it prints the command to use.
#[derive(Args)]
pub struct Backup {
    /// The file to write; it must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
}

/// Put a backup in the place of the database, while no server runs, and verify the audit log. What was there is kept beside it.
#[derive(Args)]
pub struct Restore {
    /// A file that `countersign backup` wrote.
    file: PathBuf,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
}

impl Backup {
    pub async fn run(self) -> Result<()> {
        let config = open::data(&self.data)?;
        let Some(database) = config.sqlite_file() else {
            bail!(
                "PostgreSQL is backed up with its own tool, while everything runs:\n\n  pg_dump --format=custom --file='{}' \"$DATABASE_URL\"",
                self.file.display()
            );
        };
        if !database.exists() {
            bail!("there is no database at {}", database.display());
        }
        if self.file.exists() {
            bail!("{} is there already; a backup replaces nothing", self.file.display());
        }
        let beside = beside(&self.file, "part");
        remove_if_there(&beside)?;
        copy_sqlite(&config.database_url(), &beside).await.context("the database cannot be copied")?;
        let inspection = inspect_sqlite(&beside).await.context("the copy cannot be read")?;
        trusted(&inspection).with_context(|| format!("the copy is left in {}", beside.display()))?;
        sync(&beside)?;
        std::fs::rename(&beside, &self.file).with_context(|| format!("cannot write {}", self.file.display()))?;
        self.output.say(
            format!("{} holds everything; {}", self.file.display(), words(&inspection.log)),
            &json!({ "file": self.file, "bytes": std::fs::metadata(&self.file)?.len(), "audit": document(&inspection.log) }),
        )
    }
}

impl Restore {
    pub async fn run(self) -> Result<()> {
        let config = open::data(&self.data)?;
        let Some(database) = config.sqlite_file() else {
            bail!(
                "PostgreSQL is restored with its own tool, while no server runs:\n\n  pg_restore --clean --if-exists --dbname=\"$DATABASE_URL\" '{}'",
                self.file.display()
            );
        };
        let inspection =
            inspect_sqlite(&self.file).await.with_context(|| format!("{} is no readable database", self.file.display()))?;
        trusted(&inspection).context("nothing was changed")?;
        std::fs::create_dir_all(&config.data_dir)?;
        let _lock = DataLock::take(&config.data_dir)?;
        let incoming = beside(&database, "incoming");
        std::fs::copy(&self.file, &incoming).with_context(|| format!("cannot copy {}", self.file.display()))?;
        sync(&incoming)?;
        let kept = keep_aside(&database)?;
        std::fs::rename(&incoming, &database).with_context(|| format!("cannot write {}", database.display()))?;
        let log = verified(&config).await?;
        let kept_words =
            kept.as_ref().map_or_else(String::new, |kept| format!("; what was there before is in {}", kept.display()));
        self.output.say(
            format!("restored from {}; {}{kept_words}", self.file.display(), words(&log)),
            &json!({ "restored_from": self.file, "kept": kept, "audit": document(&log) }),
        )?;
        if log.is_sound() { Ok(()) } else { bail!("the audit log is not as it was written") }
    }
}

/// Opens what was restored, brings its schema up to date, and checks the log once more where it now is.
async fn verified(config: &DataConfig) -> Result<LogReport> {
    let store = open::store(config).await?;
    let report = store.verify_log().await?;
    store.close().await?;
    Ok(report)
}

/// Moves the database and its journal aside, and says where it is; `None` if there was none.
fn keep_aside(database: &Path) -> Result<Option<PathBuf>> {
    if !database.exists() {
        return Ok(None);
    }
    let kept = (1_u32..).map(|turn| beside(database, &format!("before-restore-{turn}"))).find(|path| !path.exists());
    let kept = kept.unwrap_or_else(|| beside(database, "before-restore"));
    for journal in ["-wal", "-shm"] {
        let (from, to) = (with_suffix(database, journal), with_suffix(&kept, journal));
        if from.exists() {
            std::fs::rename(from, to)?;
        }
    }
    std::fs::rename(database, &kept)?;
    Ok(Some(kept))
}

/// Refuses a file that is damaged, comes from a newer version, or whose log was changed.
fn trusted(inspection: &Inspection) -> Result<()> {
    if inspection.integrity != "ok" {
        bail!("the file is damaged: {}", inspection.integrity);
    }
    let newer: Vec<&str> = inspection
        .changes
        .iter()
        .filter(|change| change.state == ChangeState::Unknown)
        .map(|change| change.name.as_str())
        .collect();
    if !newer.is_empty() {
        bail!("the file comes from a newer version, which made {}", newer.join(", "));
    }
    if inspection.changes.iter().all(|change| change.state == ChangeState::Pending) {
        bail!("the file is no database of Countersign");
    }
    if !inspection.log.is_sound() {
        bail!("{}", words(&inspection.log));
    }
    Ok(())
}

fn words(log: &LogReport) -> String {
    if log.is_sound() {
        return format!("the audit log is as it was written: {} entries without a gap", log.entries);
    }
    let faults: Vec<String> = log.faults.iter().map(|fault| format!("\n  {fault}")).collect();
    format!("the audit log is NOT as it was written:{}", faults.concat())
}

fn document(log: &LogReport) -> Value {
    let faults: Vec<String> = log.faults.iter().map(ToString::to_string).collect();
    json!({ "sound": log.is_sound(), "entries": log.entries, "faults": faults })
}

fn beside(path: &Path, word: &str) -> PathBuf {
    with_suffix(path, &format!(".{word}"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

fn sync(path: &Path) -> Result<()> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).with_context(|| format!("cannot write {}", path.display()))
}
