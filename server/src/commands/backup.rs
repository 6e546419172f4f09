//! `countersign backup` and `countersign restore`: the database as one file, checked on the way out and on the way in. How that is done
//! with the embedded database is in `embedded`, how with PostgreSQL in `postgres`.

mod embedded;
mod postgres;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use store::{ChangeState, LogReport, SchemaChange};

use super::open;
use super::output::Output;
use crate::config::{DataConfig, DataFlags};

/// Copy the database into a file while servers run, and verify it. PostgreSQL is copied by pg_dump, which must be on the PATH.
#[derive(Args)]
pub struct Backup {
    /// The file to write; it must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
}

/// Put a backup in the place of the database, while no server runs, and verify the audit log. What was there is kept aside.
/// PostgreSQL is restored by pg_restore, which must be on the PATH.
#[derive(Args)]
pub struct Restore {
    /// A file that `countersign backup` wrote.
    file: PathBuf,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
}

/// What a restored database is like.
struct Restored {
    log: LogReport,
    /// Where that is now which was there before, in words for people.
    kept: Option<String>,
}

impl Backup {
    pub async fn run(self) -> Result<()> {
        let config = open::data(&self.data)?;
        if self.file.exists() {
            bail!("{} is there already; a backup replaces nothing", self.file.display());
        }
        let beside = beside(&self.file, "part");
        remove_if_there(&beside)?;
        let log = match config.sqlite_file() {
            Some(database) => embedded::copy(&config, (&database, &beside)).await?,
            None => postgres::dump(&config, &beside).await?,
        };
        sync(&beside)?;
        std::fs::rename(&beside, &self.file).with_context(|| format!("cannot write {}", self.file.display()))?;
        self.output.say(
            format!("{} holds everything; {}", self.file.display(), words(&log)),
            &json!({ "file": self.file, "bytes": std::fs::metadata(&self.file)?.len(), "audit": document(&log) }),
        )
    }
}

impl Restore {
    pub async fn run(self) -> Result<()> {
        let config = open::data(&self.data)?;
        let Restored { log, kept } = match config.sqlite_file() {
            Some(database) => embedded::put_in_place(&config, (&self.file, &database)).await?,
            None => postgres::put_in_place(&config, &self.file).await?,
        };
        let kept_words = kept.as_ref().map_or_else(String::new, |kept| format!("; what was there before is in {kept}"));
        self.output.say(
            format!("restored from {}; {}{kept_words}", self.file.display(), words(&log)),
            &json!({ "restored_from": self.file, "kept": kept, "audit": document(&log) }),
        )?;
        if log.is_sound() { Ok(()) } else { bail!("the audit log is not as it was written") }
    }
}

/// Opens what was restored, brings its schema up to date, and checks the log once more where it now is, and what guards it.
async fn verified(config: &DataConfig) -> Result<LogReport> {
    let store = open::migrated_store(config).await?;
    let report = store.verify_log().await;
    let guarded = open::expect_guarded(&store).await;
    store.close().await?;
    let report = report?;
    // The log first: it says more of what was done.
    if report.is_sound() { guarded.map(|()| report) } else { Ok(report) }
}

/// Refuses changes of the schema that this version does not know.
fn refuse_newer(changes: &[SchemaChange]) -> Result<()> {
    let newer = changes.iter().filter(|change| change.state == ChangeState::Unknown);
    let newer: Vec<&str> = newer.map(|change| change.name.as_str()).collect();
    if !newer.is_empty() {
        bail!("the file comes from a newer version, which made {}", newer.join(", "));
    }
    if changes.iter().all(|change| change.state == ChangeState::Pending) {
        bail!("the file is no database of Countersign");
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
