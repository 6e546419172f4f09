//! Opening the store and putting the services together: the composition root that `serve`, `demo` and administration share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use connectors::Registry;
use playbooks::{Library, LibraryFile, LoadError};
use service::clock::Clock;
use service::{Parts, Services};
use store::Store;

use super::log_key::KeyFile;
use crate::config::{DataConfig, DataFlags, Environment, PlaybookFlags, ServerConfig, Values};

/// Where data is, by flags, environment and file.
pub fn data(flags: &DataFlags) -> Result<DataConfig> {
    Ok(DataConfig::of(&Values::read(&flags.0, &Environment::of_process())?)?)
}

/// Where data is, and where the folder of playbooks is, as the server would have it.
pub fn data_and_playbooks(flags: &PlaybookFlags) -> Result<(DataConfig, PathBuf)> {
    let values = Values::read(&flags.0, &Environment::of_process())?;
    let data = DataConfig::of(&values)?;
    let folder = ServerConfig::of(&values)?.playbooks_in(&data.data_dir);
    Ok((data, folder))
}

/// Opens the database that the flags, the environment or the file name, with its schema brought up to date.
pub async fn store_of(flags: &DataFlags) -> Result<Store> {
    store(&data(flags)?).await
}

/// Opens the database, with its schema brought up to date, if it guards what it holds as this version makes it.
pub async fn store(config: &DataConfig) -> Result<Store> {
    let store = migrated_store(config).await?;
    match expect_guarded(&store).await {
        Ok(()) => Ok(store),
        Err(error) => {
            store.close().await?;
            Err(error)
        }
    }
}

/// Opens the database, with its schema brought up to date: by its owner, where that is another role.
pub async fn migrated_store(config: &DataConfig) -> Result<Store> {
    const FAILED: &str = "cannot bring the database's schema up to date";
    if let Some(owner_url) = &config.owner_url {
        let owner = Store::open(owner_url, Arc::new(Clock::System)).await.context("cannot open the database as its owner")?;
        owner.migrate().await.context(FAILED)?;
        owner.close().await?;
        store::privileges::give_to(&config.database_url(), owner_url)
            .await
            .context("cannot give the server's role what it needs")?;
        return unmigrated_store(config).await;
    }
    let store = unmigrated_store(config).await?;
    store.migrate().await.context(FAILED)?;
    Ok(store)
}

/// Whoever took a guard away could change what is on record: nothing is served from such a database.
pub async fn expect_guarded(store: &Store) -> Result<()> {
    let report = store.check_guards().await.context("the guards of the database cannot be read")?;
    for noted in &report.noted {
        tracing::warn!("beside what this version makes, the database has {noted}");
    }
    Ok(report.expect_sound()?)
}

/// Opens the database with the schema that it has.
pub async fn unmigrated_store(config: &DataConfig) -> Result<Store> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("cannot make {}", config.data_dir.display()))?;
    Store::open(&config.database_url(), Arc::new(Clock::System)).await.context("cannot open the database")
}

/// The services over this store.
pub async fn services(config: &DataConfig, playbooks: &Path, store: Store) -> Result<Services> {
    let registry = Registry::with_outbox(&config.outbox());
    let keys = Box::new(KeyFile::of(&config.data_dir, &store).await?);
    Ok(Services::start(store, Parts { library: library(playbooks)?, registry, clock: Clock::System, keys }).await?)
}

/// The shipped playbooks, and those of a folder, if it exists.
pub fn library(folder: &Path) -> Result<Library> {
    let shipped = Library::shipped().map_err(|errors| anyhow!("the shipped playbooks cannot be loaded:\n{}", lines(&errors)))?;
    if !folder.is_dir() {
        return Ok(shipped);
    }
    let (library, errors) = shipped.with_folder(&folder_files(folder)?);
    if !errors.is_empty() {
        tracing::error!("playbooks were left out:\n{}", lines(&errors));
    }
    Ok(library)
}

/// One error a line: file, place and what was expected.
#[must_use]
pub fn lines(errors: &[LoadError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The YAML files of a folder by name.
pub fn folder_files(folder: &Path) -> Result<Vec<LibraryFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        // A pipe would be waited for, perhaps for ever.
        if is_yaml && path.is_file() {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push(LibraryFile { name: path.display().to_string(), bytes });
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}
