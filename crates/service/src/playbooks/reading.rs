//! Playbooks and their versions as they are shown.

use std::collections::BTreeMap;

use api::ProblemCode;
use api::playbooks::{
    LastRun, PlaybookDetail, PlaybookRecord, PlaybookVersionDetail, PlaybookVersionView, PlaybookView, RECENT_RUNS_MAX,
    RECORD_RUNS_MAX,
};
use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::playbook::PlaybookOrigin;
use domain::run::RunStatus;
use domain::user::UserRef;
use playbooks::Playbook;
use serde_json::Value;
use store::PlaybookVersion;

use super::parsed;
use crate::core::Core;
use crate::error::ServiceError;

/// All playbooks in force, by id.
pub async fn list(core: &Core) -> Result<Vec<PlaybookView>, ServiceError> {
    let library = core.shelf.library();
    let mut views = Vec::new();
    for (origin, playbook) in library.list() {
        views.push(view(core, origin, playbook).await?);
    }
    Ok(views)
}

/// One playbook in force with everything about it.
pub async fn detail(core: &Core, id: &PlaybookId) -> Result<Option<PlaybookDetail>, ServiceError> {
    let library = core.shelf.library();
    let Some((origin, playbook)) = library.find_with_origin(id) else { return Ok(None) };
    Ok(Some(PlaybookDetail {
        playbook: view(core, origin, playbook).await?,
        source: playbook.source().to_owned(),
        versions: versions(core, id).await?,
        recent_runs: core.store.runs().list_of_playbook(id, RECENT_RUNS_MAX).await?,
    }))
}

/// Every stored version, the newest first.
pub async fn versions(core: &Core, id: &PlaybookId) -> Result<Vec<PlaybookVersionView>, ServiceError> {
    let authors = core.store.playbook_uploads().last_authors(id).await?;
    let versions = core.store.playbook_versions().list(id).await?;
    versions.iter().map(|version| version_view(core, version, &authors)).collect()
}

/// One stored version with its content; `not-found` if the playbook has no such version.
pub async fn version(core: &Core, id: &PlaybookId, digest: Digest) -> Result<PlaybookVersionDetail, ServiceError> {
    let found = core.store.playbook_versions().find(&digest).await?.filter(|version| version.playbook_id == *id);
    let version =
        found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} has no version {}", digest.start())))?;
    let authors = core.store.playbook_uploads().last_authors(id).await?;
    Ok(PlaybookVersionDetail {
        version: version_view(core, &version, &authors)?,
        document: parsed(&version.document)?,
        source: version.source.unwrap_or_else(|| playbooks::yaml_of(&version.document)),
    })
}

/// The document of a playbook as JSON.
pub fn document_of(playbook: &Playbook) -> Result<Value, ServiceError> {
    parsed(playbook.canonical())
}

async fn view(core: &Core, origin: PlaybookOrigin, playbook: &Playbook) -> Result<PlaybookView, ServiceError> {
    let document = playbook.document();
    Ok(PlaybookView {
        id: document.id.clone(),
        name: document.name.clone(),
        description: document.description.clone(),
        digest: playbook.digest(),
        incident_types: document.incident_type.0.clone(),
        priority: document.priority,
        origin,
        starts_by_itself: playbook.starts_by_itself(),
        record: record(core, &document.id).await?,
        document: document_of(playbook)?,
    })
}

async fn record(core: &Core, id: &PlaybookId) -> Result<PlaybookRecord, ServiceError> {
    let runs = core.store.runs().standings_of_playbook(id, RECORD_RUNS_MAX).await?;
    let count = |status: RunStatus| u32::try_from(runs.iter().filter(|run| run.status == status).count()).unwrap_or(u32::MAX);
    let last_run = runs.first().map(|run| LastRun {
        id: run.id,
        incident_id: run.incident_id,
        status: run.status,
        requested_at: run.requested_at,
    });
    Ok(PlaybookRecord {
        runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
        succeeded: count(RunStatus::Succeeded),
        failed: count(RunStatus::Failed),
        last_run,
    })
}

fn version_view(
    core: &Core,
    version: &PlaybookVersion,
    authors: &BTreeMap<Digest, UserRef>,
) -> Result<PlaybookVersionView, ServiceError> {
    let library = core.shelf.library();
    let in_force = library.find(&version.playbook_id).is_some_and(|playbook| playbook.digest() == version.digest);
    let document = parsed(&version.document)?;
    Ok(PlaybookVersionView {
        playbook_id: version.playbook_id.clone(),
        digest: version.digest,
        name: document["name"].as_str().unwrap_or_default().to_owned(),
        origin: version.origin,
        author: authors.get(&version.digest).cloned(),
        created_at: version.created_at,
        in_force,
    })
}
