//! Runs: asked for, watched, cancelled, and a step of unknown outcome resolved.

use async_trait::async_trait;
use domain::digest::Digest;
use domain::id::{IncidentId, PlaybookId, RunId, StepId};
use domain::plan::RunMode;
use domain::run::Run;
use domain::word_enum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::approvals::ApprovalView;
use crate::{ApiError, Caller, Page, PageRequest};

/// Asks for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunRequest {
    /// Absent: the playbook that is proposed.
    #[serde(default)]
    pub playbook_id: Option<PlaybookId>,
    /// The plan that the requester saw; another one is refused as `plan-changed`.
    #[serde(default)]
    pub plan_digest: Option<Digest>,
    /// `live` unless said otherwise.
    #[serde(default)]
    pub mode: Option<RunMode>,
}

/// A run that was asked for, and the approval that it waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunRequested {
    pub run: Run,
    pub approval: Option<ApprovalView>,
}

word_enum! {
    /// What a person found out about a step of unknown outcome.
    ResolvedOutcome {
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

/// Says what happened in a step of unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResolveRequest {
    pub outcome: ResolvedOutcome,
    /// At least 10 letters and digits that can be seen, at most 4,096 bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, pattern = r"^([\W_]*[^\W_]){10}"))]
    pub reason: String,
}

/// What can be done with runs.
#[async_trait]
pub trait Runs: Send + Sync {
    /// Asks for a run of the proposed playbook, or of a named one.
    async fn request(&self, caller: &Caller, incident_id: IncidentId, request: RunRequest) -> Result<RunRequested, ApiError>;
    /// Runs, the newest first.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<Run>, ApiError>;
    /// Runs of one playbook, whatever its version, the newest first.
    async fn list_of_playbook(&self, caller: &Caller, id: PlaybookId, page: PageRequest) -> Result<Page<Run>, ApiError>;
    /// The plan that a run was asked for with, all its steps: the very document whose canonical JSON has the run's `plan_digest`.
    async fn get_plan(&self, caller: &Caller, id: RunId) -> Result<Value, ApiError>;
    /// One run with its steps.
    async fn get(&self, caller: &Caller, id: RunId) -> Result<Run, ApiError>;
    /// Stops before the next step; withdraws a waiting approval.
    async fn cancel(&self, caller: &Caller, id: RunId) -> Result<Run, ApiError>;
    /// Says what happened in a step of unknown outcome; the connector is not called again.
    async fn resolve(&self, caller: &Caller, id: RunId, step: StepId, request: ResolveRequest) -> Result<Run, ApiError>;
}
