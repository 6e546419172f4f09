//! What a name on the command line stands for: a file, what is in force, or a stored version.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use domain::id::PlaybookId;
use playbooks::{Library, Playbook};

use crate::commands::open;
use crate::config::PlaybookFlags;

/// The playbooks in force: shipped, of the folder, and uploaded, as far as there is a database.
pub async fn in_force(data: &PlaybookFlags) -> Result<Library> {
    let (config, folder) = open::data_and_playbooks(data)?;
    let library = open::library(&folder)?;
    if config.is_embedded() && !config.database_exists() {
        return Ok(library);
    }
    let store = open::store(&config).await?;
    let uploads = store.playbook_uploads().list_in_force().await?;
    store.close().await?;
    let read = |version: store::PlaybookVersion| Playbook::from_stored(&version.document, version.source.as_deref());
    Ok(library.with_uploads(uploads.into_iter().map(read).collect()))
}

/// The playbook that this names: an existing file, an id, or an id with a digest.
pub async fn named(data: &PlaybookFlags, name: &str) -> Result<Playbook> {
    if Path::new(name).is_file() {
        let bytes = std::fs::read(name).with_context(|| format!("cannot read {name}"))?;
        return Playbook::parse(name, &bytes).map_err(|errors| anyhow!(open::lines(&errors)));
    }
    match name.split_once('@') {
        Some((id, digest)) => stored(data, (&id_of(id)?, digest)).await,
        None => {
            let id = id_of(name)?;
            in_force(data).await?.find(&id).cloned().with_context(|| format!("{id} is not in force"))
        }
    }
}

fn id_of(text: &str) -> Result<PlaybookId> {
    text.parse().map_err(|_| anyhow!("{text} is no file and no playbook's id"))
}

async fn stored(data: &PlaybookFlags, (id, digest): (&PlaybookId, &str)) -> Result<Playbook> {
    let store = open::store(&open::data_and_playbooks(data)?.0).await?;
    let fitting = store.playbook_versions().list_starting_with(id, digest).await;
    store.close().await?;
    let mut fitting = fitting?.into_iter();
    match (fitting.next(), fitting.next()) {
        (Some(version), None) => {
            Playbook::from_stored(&version.document, version.source.as_deref()).map_err(|errors| anyhow!(open::lines(&errors)))
        }
        (None, _) => bail!("{id} has no version {digest}"),
        (Some(_), Some(_)) => bail!("{id} has several versions that start with {digest}"),
    }
}
