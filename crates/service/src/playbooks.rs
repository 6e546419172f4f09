//! Playbooks in force, read; and each version put on record when the server starts.

use std::sync::Arc;

use api::playbooks::{PlaybookView, Playbooks};
use api::{ApiError, Caller, Page};
use async_trait::async_trait;
use domain::access::Permission;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::PlaybookId;
use playbooks::{Origin as FileOrigin, Playbook};
use store::{Inserted, PlaybookOrigin, PlaybookVersion, Trail};

use crate::core::Core;
use crate::error::ServiceError;

/// The use cases of playbooks.
pub struct PlaybookCases(pub Arc<Core>);

#[async_trait]
impl Playbooks for PlaybookCases {
    async fn list(&self, caller: &Caller) -> Result<Page<PlaybookView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let items = self.0.library.list().map(|(_, playbook)| view(playbook)).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: None })
    }

    async fn get(&self, caller: &Caller, id: PlaybookId) -> Result<PlaybookView, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(view(self.0.library.find(&id).ok_or_else(|| ApiError::not_found(&id))?)?)
    }
}

fn view(playbook: &Playbook) -> Result<PlaybookView, ServiceError> {
    let document = playbook.document();
    Ok(PlaybookView {
        id: document.id.clone(),
        name: document.name.clone(),
        description: document.description.clone(),
        digest: playbook.digest(),
        incident_types: document.incident_type.0.clone(),
        priority: document.priority,
        document: serde_json::from_str(playbook.canonical()).map_err(|error| ServiceError::Corrupt(error.to_string()))?,
    })
}

/// Stores the versions in force that are not on record yet, each with its entry.
pub async fn record_versions(core: &Core) -> Result<(), ServiceError> {
    let at = core.clock.now();
    let versions: Vec<PlaybookVersion> = core
        .library
        .list()
        .map(|(origin, playbook)| PlaybookVersion {
            digest: playbook.digest(),
            playbook_id: playbook.id().clone(),
            document: playbook.canonical().to_owned(),
            origin: match origin {
                FileOrigin::Shipped => PlaybookOrigin::Shipped,
                FileOrigin::Folder => PlaybookOrigin::Folder,
            },
            author: None,
            created_at: at,
        })
        .collect();
    for version in versions {
        core.store.write(move |tx| async move { record(&tx, &version).await }).await?;
    }
    Ok(())
}

async fn record(tx: &store::Tx, version: &PlaybookVersion) -> Result<Trail<()>, ServiceError> {
    Ok(match tx.playbook_versions().insert_if_new(version).await? {
        Inserted::Known => Trail::unchanged(()),
        Inserted::New => {
            let entry = EntryDraft::new(&Origin::system(), AuditAction::PlaybookLoaded, Target::playbook(&version.playbook_id))
                .fact_named("playbook_digest", version.digest);
            Trail::new((), vec![entry])
        }
    })
}
