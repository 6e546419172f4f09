//! Playbooks: read, with their versions and their record; compared, validated and uploaded.

use async_trait::async_trait;
use domain::digest::Digest;
use domain::id::{IncidentId, IncidentType, PlaybookId, RunId};
use domain::playbook::{ComparedLine, PlaybookChange, PlaybookFault, PlaybookOrigin};
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiError, Caller, Page, PageRequest};

/// The newest live runs that a playbook's record counts.
pub const RECORD_RUNS_MAX: u64 = 100;
/// The newest versions that a playbook is shown with.
pub const DETAIL_VERSIONS_MAX: u32 = 100;
/// The newest runs that a playbook is shown with.
pub const RECENT_RUNS_MAX: u64 = 10;

/// A playbook in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookView {
    pub id: PlaybookId,
    pub name: String,
    pub description: String,
    pub digest: Digest,
    pub incident_types: Vec<IncidentType>,
    pub priority: i32,
    /// Where the version in force comes from.
    pub origin: PlaybookOrigin,
    /// Can it start by itself?
    pub starts_by_itself: bool,
    pub record: PlaybookRecord,
    /// The parsed document whose canonical JSON has `digest`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Value,
}

/// How the newest live runs of a playbook went, at most [`RECORD_RUNS_MAX`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookRecord {
    pub runs: u32,
    pub succeeded: u32,
    pub failed: u32,
    pub last_run: Option<LastRun>,
}

impl PlaybookRecord {
    /// Whole percent of the runs that ended by themselves which ended well; `None` if none has ended.
    #[must_use]
    pub fn success_percent(&self) -> Option<u32> {
        (self.succeeded * 100).checked_div(self.succeeded + self.failed)
    }
}

/// The newest live run of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastRun {
    pub id: RunId,
    pub incident_id: IncidentId,
    pub status: RunStatus,
    pub requested_at: Timestamp,
}

/// A playbook in force with its text, its versions and its newest runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookDetail {
    #[serde(flatten)]
    pub playbook: PlaybookView,
    /// The YAML as it was written.
    pub source: String,
    /// The newest stored versions, at most [`DETAIL_VERSIONS_MAX`], the newest first.
    pub versions: Vec<PlaybookVersionView>,
    /// The newest runs, dry runs too, at most [`RECENT_RUNS_MAX`].
    pub recent_runs: Vec<Run>,
}

/// A stored version of a playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookVersionView {
    pub playbook_id: PlaybookId,
    pub digest: Digest,
    pub name: String,
    pub origin: PlaybookOrigin,
    /// Who uploaded it last; a file has no author.
    pub author: Option<UserRef>,
    /// When it was first put on record.
    pub created_at: Timestamp,
    pub in_force: bool,
    /// Was it changed in the database since? Then it has no name here, and is not shown.
    #[serde(default)]
    pub tampered: bool,
}

/// A stored version with its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookVersionDetail {
    #[serde(flatten)]
    pub version: PlaybookVersionView,
    /// The YAML as it was written; of a version stored without it, the document as YAML.
    pub source: String,
    /// The parsed document whose canonical JSON has `digest`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub document: Value,
}

/// How two versions differ: by steps and rules, and by lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookComparison {
    pub from: Digest,
    pub to: Digest,
    pub changes: Vec<PlaybookChange>,
    pub lines: Vec<ComparedLine>,
}

/// What a check of a document found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookValidation {
    pub valid: bool,
    /// Of a valid document.
    pub id: Option<PlaybookId>,
    /// Of a valid document.
    pub digest: Option<Digest>,
    /// The parsed document, if it is valid.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub document: Option<Value>,
    /// Every fault, in the order of the text.
    pub errors: Vec<PlaybookFault>,
}

/// A version that was uploaded and is now in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookUploaded {
    pub id: PlaybookId,
    pub digest: Digest,
    /// Was a version with this digest on record already?
    pub known: bool,
}

/// A file of the folder, or an upload, of which no new version is in force because of its faults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPlaybook {
    /// The file's name.
    pub file: String,
    /// Every fault, in the order of the text.
    pub faults: Vec<PlaybookFault>,
}

/// What can be done with playbooks.
#[async_trait]
pub trait Playbooks: Send + Sync {
    /// The playbooks in force, by id.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<PlaybookView>, ApiError>;
    /// What is not in force because of its faults, by file.
    async fn refused(&self, caller: &Caller) -> Result<Vec<RefusedPlaybook>, ApiError>;
    /// One playbook in force, with its text, its versions and its newest runs.
    async fn get(&self, caller: &Caller, id: PlaybookId) -> Result<PlaybookDetail, ApiError>;
    /// The stored versions, the newest first.
    async fn versions(&self, caller: &Caller, id: PlaybookId, page: PageRequest) -> Result<Page<PlaybookVersionView>, ApiError>;
    /// One stored version with its content.
    async fn version(&self, caller: &Caller, id: PlaybookId, digest: Digest) -> Result<PlaybookVersionDetail, ApiError>;
    /// How two stored versions differ.
    async fn compare(&self, caller: &Caller, id: PlaybookId, versions: (Digest, Digest)) -> Result<PlaybookComparison, ApiError>;
    /// Checks a document without storing it; a fault is an answer, not an error.
    async fn validate(&self, caller: &Caller, source: Vec<u8>) -> Result<PlaybookValidation, ApiError>;
    /// Puts a new version in force; `invalid` with every fault if it does not validate.
    async fn upload(&self, caller: &Caller, id: PlaybookId, source: Vec<u8>) -> Result<PlaybookUploaded, ApiError>;
    /// The JSON Schema of a playbook.
    async fn schema(&self, caller: &Caller) -> Result<Value, ApiError>;
    /// Every action that a step can take: its manifest with the schemas of its parameters and its output.
    async fn actions(&self, caller: &Caller) -> Result<Value, ApiError>;
}
