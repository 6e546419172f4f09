//! Playbooks: read with their versions and their record, compared, validated, uploaded. What is in force is in `shelf`.

mod reading;
mod uploading;

use std::sync::Arc;

use api::playbooks::{
    PlaybookComparison, PlaybookDetail, PlaybookUploaded, PlaybookValidation, PlaybookVersionDetail, PlaybookVersionView,
    PlaybookView, Playbooks, RefusedPlaybook,
};
use api::{ApiError, Caller, Page, PageRequest};
use async_trait::async_trait;
use domain::access::Permission;
use domain::digest::Digest;
use domain::id::PlaybookId;
use playbooks::{LoadError, Playbook};
use serde_json::Value;

use crate::core::Core;
use crate::error::ServiceError;
use crate::shelf;
use crate::views::page_request;

/// The name of a text that comes without a file.
const NO_FILE: &str = "playbook";

/// The use cases of playbooks.
pub struct PlaybookCases(pub Arc<Core>);

#[async_trait]
impl Playbooks for PlaybookCases {
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<PlaybookView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(reading::list(&self.0, &page).await?)
    }

    async fn refused(&self, caller: &Caller) -> Result<Vec<RefusedPlaybook>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(reading::refused(&self.0))
    }

    async fn get(&self, caller: &Caller, id: PlaybookId) -> Result<PlaybookDetail, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        reading::detail(&self.0, caller, &id).await?.ok_or_else(|| ApiError::not_found(&id))
    }

    async fn versions(&self, caller: &Caller, id: PlaybookId, page: PageRequest) -> Result<Page<PlaybookVersionView>, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let is_first = page.cursor.is_none();
        let versions = reading::versions(&self.0, caller, &id, page_request(&page)?).await?;
        if is_first && versions.items.is_empty() { Err(ApiError::not_found(&id)) } else { Ok(versions) }
    }

    async fn version(&self, caller: &Caller, id: PlaybookId, digest: Digest) -> Result<PlaybookVersionDetail, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(reading::version(&self.0, caller, (&id, digest)).await?)
    }

    async fn compare(&self, caller: &Caller, id: PlaybookId, versions: (Digest, Digest)) -> Result<PlaybookComparison, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        let (from, to) = versions;
        let before = reading::version(&self.0, caller, (&id, from)).await?;
        let after = reading::version(&self.0, caller, (&id, to)).await?;
        Ok(PlaybookComparison {
            from,
            to,
            changes: playbooks::compare::changes(&before.document, &after.document),
            lines: playbooks::compare::lines(&before.source, &after.source),
        })
    }

    async fn validate(&self, caller: &Caller, source: Vec<u8>) -> Result<PlaybookValidation, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(match Playbook::parse(NO_FILE, &source) {
            Ok(playbook) => PlaybookValidation {
                valid: true,
                id: Some(playbook.id().clone()),
                digest: Some(playbook.digest()),
                document: Some(reading::document_of(&playbook)?),
                errors: Vec::new(),
            },
            Err(faults) => PlaybookValidation {
                valid: false,
                id: None,
                digest: None,
                document: None,
                errors: faults.iter().map(LoadError::fault).collect(),
            },
        })
    }

    async fn upload(&self, caller: &Caller, id: PlaybookId, source: Vec<u8>) -> Result<PlaybookUploaded, ApiError> {
        self.0.permit(caller, Permission::UploadPlaybook).await?;
        let uploaded = uploading::upload(&self.0, caller, (id, source)).await?;
        shelf::take_uploads(&self.0).await?;
        Ok(uploaded)
    }

    async fn schema(&self, caller: &Caller) -> Result<Value, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(playbooks::schema())
    }

    async fn actions(&self, caller: &Caller) -> Result<Value, ApiError> {
        self.0.permit(caller, Permission::Read).await?;
        Ok(playbooks::actions())
    }
}

/// The stored JSON of a document, parsed.
fn parsed(document: &str) -> Result<Value, ServiceError> {
    serde_json::from_str(document).map_err(|error| ServiceError::Corrupt(error.to_string()))
}
