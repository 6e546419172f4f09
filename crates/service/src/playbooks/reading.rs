//! Playbooks and their versions as they are shown.

use std::collections::BTreeMap;
use std::path::Path;

use api::playbooks::{
    DETAIL_VERSIONS_MAX, LastRun, PlaybookDetail, PlaybookRecord, PlaybookVersionDetail, PlaybookVersionView, PlaybookView,
    RECENT_RUNS_MAX, RECORD_RUNS_MAX, RefusedPlaybook,
};
use api::{Caller, Page, PageRequest, ProblemCode};
use domain::audit::Target;
use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::playbook::{PlaybookFault, PlaybookOrigin};
use domain::run::RunStatus;
use domain::user::UserRef;
use playbooks::Playbook;
use serde_json::Value;
use store::{PlaybookVersion, RunStanding};

use super::parsed;
use crate::core::Core;
use crate::error::ServiceError;
use crate::shelf;
use crate::tampering::{self, Finding, Kept};

/// The playbooks in force, by id; a cursor is the id of the last one of the page before.
pub async fn list(core: &Core, page: &PageRequest) -> Result<Page<PlaybookView>, ServiceError> {
    let refused = |_| ServiceError::invalid("/cursor", "must be the next_cursor of an earlier page");
    let after = page.cursor.as_deref().map(str::parse::<PlaybookId>).transpose().map_err(refused)?;
    let library = core.shelf.library();
    let is_behind = |id: &PlaybookId| after.as_ref().is_none_or(|after| id > after);
    let mut behind = library.list().filter(|(_, playbook)| is_behind(playbook.id()));
    let shown: Vec<(PlaybookOrigin, &Playbook)> = behind.by_ref().take(page.limit as usize).collect();
    let next_cursor = behind.next().and_then(|_| shown.last()).map(|(_, playbook)| playbook.id().to_string());
    let ids: Vec<PlaybookId> = shown.iter().map(|(_, playbook)| playbook.id().clone()).collect();
    let mut standings = core.store.runs().standings_of_playbooks(&ids, RECORD_RUNS_MAX).await?;
    let view = |(origin, playbook): (PlaybookOrigin, &Playbook)| {
        view(origin, playbook, &standings.remove(playbook.id()).unwrap_or_default())
    };
    Ok(Page { items: shown.into_iter().map(view).collect::<Result<_, _>>()?, next_cursor })
}

/// What is not in force because of its faults, by file.
pub fn refused(core: &Core) -> Vec<RefusedPlaybook> {
    let library = core.shelf.library();
    let mut by_file: BTreeMap<String, Vec<PlaybookFault>> = BTreeMap::new();
    for error in library.faults() {
        // Where on the server the folder is, is nobody's business.
        let name = Path::new(&error.file).file_name().map(|name| name.to_string_lossy().into_owned());
        by_file.entry(name.unwrap_or_else(|| error.file.clone())).or_default().push(error.fault());
    }
    by_file.into_iter().map(|(file, faults)| RefusedPlaybook { file, faults }).collect()
}

/// One playbook in force with everything about it.
pub async fn detail(core: &Core, caller: &Caller, id: &PlaybookId) -> Result<Option<PlaybookDetail>, ServiceError> {
    let library = core.shelf.library();
    let Some((origin, playbook)) = library.find_with_origin(id) else { return Ok(None) };
    let mut standings = core.store.runs().standings_of_playbooks(std::slice::from_ref(id), RECORD_RUNS_MAX).await?;
    Ok(Some(PlaybookDetail {
        playbook: view(origin, playbook, &standings.remove(id).unwrap_or_default())?,
        source: playbook.source().to_owned(),
        versions: versions(core, caller, id, store::PageRequest::first(DETAIL_VERSIONS_MAX)).await?.items,
        recent_runs: core.store.runs().list_of_playbook(id, RECENT_RUNS_MAX).await?,
    }))
}

/// A page of the stored versions, the newest first.
pub async fn versions(
    core: &Core,
    caller: &Caller,
    id: &PlaybookId,
    request: store::PageRequest,
) -> Result<Page<PlaybookVersionView>, ServiceError> {
    let authors = core.store.playbook_uploads().last_authors(id).await?;
    let versions = core.store.playbook_versions().list(id, request).await?;
    let next_cursor = versions.next.map(|cursor| cursor.to_string());
    let items: Vec<_> =
        versions.items.iter().map(|version| version_view(core, version, &authors)).collect::<Result<_, ServiceError>>()?;
    let changed = versions.items.iter().filter(|version| version.document.opened().is_err());
    let findings = changed.map(|version| Finding {
        what: Kept::Playbook,
        target: Target::playbook(&version.playbook_id),
        incident_id: None,
        digest: version.digest,
    });
    tampering::report(core, &tampering::found_by(caller), findings.collect()).await?;
    Ok(Page { items, next_cursor })
}

/// One stored version with its content; `not-found` if the playbook has no such version.
pub async fn version(
    core: &Core,
    caller: &Caller,
    (id, digest): (&PlaybookId, Digest),
) -> Result<PlaybookVersionDetail, ServiceError> {
    let found = core.store.playbook_versions().find(&digest).await?.filter(|version| version.playbook_id == *id);
    let version =
        found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} has no version {}", digest.start())))?;
    if let Some(finding) = shelf::changed(core, &version).await? {
        return finding.refuse(core, caller).await;
    }
    let authors = core.store.playbook_uploads().last_authors(id).await?;
    let document = version.document.opened().map_err(|tampered| ServiceError::Corrupt(tampered.to_string()))?;
    Ok(PlaybookVersionDetail {
        version: version_view(core, &version, &authors)?,
        document: parsed(document)?,
        source: version.source.clone().unwrap_or_else(|| playbooks::yaml_of(document)),
    })
}

/// The document of a playbook as JSON.
pub fn document_of(playbook: &Playbook) -> Result<Value, ServiceError> {
    parsed(playbook.canonical())
}

fn view(origin: PlaybookOrigin, playbook: &Playbook, runs: &[RunStanding]) -> Result<PlaybookView, ServiceError> {
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
        record: record(runs),
        document: document_of(playbook)?,
    })
}

/// How these runs went, the newest first.
fn record(runs: &[RunStanding]) -> PlaybookRecord {
    let count = |status: RunStatus| u32::try_from(runs.iter().filter(|run| run.status == status).count()).unwrap_or(u32::MAX);
    let last_run = runs.first().map(|run| LastRun {
        id: run.id,
        incident_id: run.incident_id,
        status: run.status,
        requested_at: run.requested_at,
    });
    PlaybookRecord {
        runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
        succeeded: count(RunStatus::Succeeded),
        failed: count(RunStatus::Failed),
        last_run,
    }
}

fn version_view(
    core: &Core,
    version: &PlaybookVersion,
    authors: &BTreeMap<Digest, UserRef>,
) -> Result<PlaybookVersionView, ServiceError> {
    let library = core.shelf.library();
    let in_force = library.find(&version.playbook_id).is_some_and(|playbook| playbook.digest() == version.digest);
    let document = version.document.opened().ok().map(|document| parsed(document)).transpose()?;
    Ok(PlaybookVersionView {
        tampered: document.is_none(),
        playbook_id: version.playbook_id.clone(),
        digest: version.digest,
        name: document.and_then(|document| document["name"].as_str().map(ToOwned::to_owned)).unwrap_or_default(),
        origin: version.origin,
        author: authors.get(&version.digest).cloned(),
        created_at: version.created_at,
        in_force,
    })
}
