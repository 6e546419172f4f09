//! One execution of a plan: its status, its steps. What comes next in a run is decided in the crate `playbooks`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::Action;
use crate::digest::Digest;
use crate::id::{ApprovalId, IncidentId, PlaybookId, RunId, StepId};
use crate::incident::State;
use crate::plan::RunMode;
use crate::timestamp::Timestamp;
use crate::user::UserRef;
use crate::word_enum;

word_enum! {
    /// Where a run stands.
    RunStatus {
        AwaitingApproval = "awaiting_approval",
        Queued = "queued",
        Running = "running",
        /// A step's outcome is unknown; a person must say what happened.
        Paused = "paused",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
        Rejected = "rejected",
    }
}

word_enum! {
    /// Where a step stands.
    StepStatus {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Skipped = "skipped",
        Unknown = "unknown",
        Undone = "undone",
    }
}

impl RunStatus {
    /// Does the run still hold its incident?
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::AwaitingApproval | Self::Queued | Self::Running | Self::Paused)
    }
}

/// One step of a run, in the order of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    pub id: StepId,
    pub action: Action,
    pub connector: String,
    pub status: StepStatus,
    pub attempts: u32,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub input: Option<Value>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub output: Option<Value>,
    pub error: Option<String>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// When a running step is due again: its next attempt, or the end of its wait.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// How taking it back went, if that was begun.
    #[serde(default)]
    pub undo: Option<UndoStatus>,
}

word_enum! {
    /// How taking a step back went.
    UndoStatus {
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Unknown = "unknown",
    }
}

/// One execution of a plan. It exists from the moment it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    pub id: RunId,
    pub incident_id: IncidentId,
    pub playbook_id: PlaybookId,
    pub playbook_digest: Digest,
    pub plan_digest: Digest,
    pub mode: RunMode,
    pub status: RunStatus,
    /// `null` for a run that started by itself.
    pub requested_by: Option<UserRef>,
    /// The latest approval of this run.
    pub approval_id: Option<ApprovalId>,
    /// Where the incident was when the run was asked for.
    pub asked_from: State,
    pub requested_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub error: Option<String>,
    pub steps: Vec<Step>,
}
