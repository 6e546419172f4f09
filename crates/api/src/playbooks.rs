//! Playbooks in force, read.

use async_trait::async_trait;
use domain::digest::Digest;
use domain::id::{IncidentType, PlaybookId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiError, Caller, Page};

/// A playbook in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: PlaybookId,
    pub name: String,
    pub description: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub digest: Digest,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub incident_types: Vec<IncidentType>,
    pub priority: i32,
    /// The parsed document whose canonical JSON has `digest`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Value,
}

/// What can be done with playbooks.
#[async_trait]
pub trait Playbooks: Send + Sync {
    /// All playbooks in force, by id.
    async fn list(&self, caller: &Caller) -> Result<Page<PlaybookView>, ApiError>;
    /// One playbook in force.
    async fn get(&self, caller: &Caller, id: PlaybookId) -> Result<PlaybookView, ApiError>;
}
