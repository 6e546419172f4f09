//! Server functions about playbooks.

use api::ApiError;
use api::playbooks::{
    PlaybookComparison, PlaybookDetail, PlaybookUploaded, PlaybookValidation, PlaybookVersionDetail, PlaybookView,
    RefusedPlaybook,
};
use domain::digest::Digest;
use domain::id::PlaybookId;
use leptos::prelude::*;

use api::text::Json;
#[cfg(feature = "ssr")]
use api::{PageRequest, page::PAGE_LIMIT_MAX};

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// All playbooks in force, by id.
#[server(prefix = "/rpc", endpoint = "playbooks/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_playbooks() -> Result<Vec<PlaybookView>, ApiError> {
    let (backend, caller) = asked()?;
    let (mut playbooks, mut cursor) = (Vec::new(), None);
    loop {
        let page = reply(backend.playbooks.list(&caller, PageRequest { limit: PAGE_LIMIT_MAX, cursor }).await)?;
        playbooks.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(playbooks);
        }
    }
}

/// What is not in force because of its faults, by file.
#[server(prefix = "/rpc", endpoint = "playbooks/refused", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_refused_playbooks() -> Result<Vec<RefusedPlaybook>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.refused(&caller).await)
}

/// One playbook in force, with its text, its versions and its newest runs.
#[server(prefix = "/rpc", endpoint = "playbooks/get", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_playbook(id: PlaybookId) -> Result<PlaybookDetail, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.get(&caller, id).await)
}

/// One stored version with its content.
#[server(prefix = "/rpc", endpoint = "playbooks/version", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_playbook_version(id: PlaybookId, digest: Digest) -> Result<PlaybookVersionDetail, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.version(&caller, id, digest).await)
}

/// How two stored versions differ.
#[server(prefix = "/rpc", endpoint = "playbooks/compare", input = Json, output = Json, client = CorrelatedClient)]
pub async fn compare_playbook(id: PlaybookId, from: Digest, to: Digest) -> Result<PlaybookComparison, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.compare(&caller, id, (from, to)).await)
}

/// Checks a document as it is typed, without storing it.
#[server(prefix = "/rpc", endpoint = "playbooks/validate", input = Json, output = Json, client = CorrelatedClient)]
pub async fn validate_playbook(source: String) -> Result<PlaybookValidation, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.validate(&caller, source.into_bytes()).await)
}

/// Puts a new version in force.
#[server(prefix = "/rpc", endpoint = "playbooks/upload", input = Json, output = Json, client = CorrelatedClient)]
pub async fn upload_playbook(id: PlaybookId, source: String) -> Result<PlaybookUploaded, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.upload(&caller, id, source.into_bytes()).await)
}
