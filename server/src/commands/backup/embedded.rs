//! The embedded database: copied by SQLite itself while others use it, and exchanged as a file while nobody does.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use store::{Inspection, LogReport, copy_sqlite, inspect_sqlite};

use super::{Restored, beside, refuse_newer, sync, verified, with_suffix, words};
use crate::commands::lock::DataLock;
use crate::config::DataConfig;

/// Copies the database into a file, and looks into the copy.
pub async fn copy(config: &DataConfig, (database, target): (&Path, &Path)) -> Result<LogReport> {
    if !database.exists() {
        bail!("there is no database at {}", database.display());
    }
    copy_sqlite(&config.database_url(), target).await.context("the database cannot be copied")?;
    let inspection = inspect_sqlite(target).await.context("the copy cannot be read")?;
    trusted(&inspection).with_context(|| format!("the copy is left in {}", target.display()))?;
    Ok(inspection.log)
}

/// Puts a file that can be trusted in the place of the database.
pub async fn put_in_place(config: &DataConfig, (file, database): (&Path, &Path)) -> Result<Restored> {
    let inspection = inspect_sqlite(file).await.with_context(|| format!("{} is no readable database", file.display()))?;
    trusted(&inspection).and_then(|()| guarded(&inspection)).context("nothing was changed")?;
    std::fs::create_dir_all(&config.data_dir)?;
    let _lock = DataLock::take(&config.data_dir)?;
    let incoming = beside(database, "incoming");
    std::fs::copy(file, &incoming).with_context(|| format!("cannot copy {}", file.display()))?;
    sync(&incoming)?;
    let kept = keep_aside(database)?;
    std::fs::rename(&incoming, database).with_context(|| format!("cannot write {}", database.display()))?;
    let log = verified(config).await?;
    Ok(Restored { log, kept: kept.map(|kept| kept.display().to_string()) })
}

/// Refuses a file that is damaged, comes from a newer version, or whose log was changed.
fn trusted(inspection: &Inspection) -> Result<()> {
    if inspection.integrity != "ok" {
        bail!("the file is damaged: {}", inspection.integrity);
    }
    refuse_newer(&inspection.changes)?;
    if !inspection.log.is_sound() {
        bail!("{}", words(&inspection.log));
    }
    Ok(())
}

/// Refuses a file whose guards are not those that its version made.
fn guarded(inspection: &Inspection) -> Result<()> {
    Ok(inspection.guards.expect_sound()?)
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
