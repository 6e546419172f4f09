//! Approvals: who must sign what, and the decisions on it.

use async_trait::async_trait;
use domain::alert::Alert;
use domain::approval::{ApprovalStatus, Decision, Vote};
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId, RunId, StepId, UserId};
use domain::incident::State;
use domain::plan::{ApprovalReason, PlanTarget};
use domain::severity::Severity;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use domain::verdict::{Verdict, VerdictReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiError, Caller, Page, PageRequest};

/// The incident that an approval is about, in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentBrief {
    pub title: String,
    pub severity: Severity,
    pub severity_label: String,
    pub risk_score: u8,
    pub state: State,
}

/// An approval as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalView {
    pub id: ApprovalId,
    pub incident_id: IncidentId,
    pub incident: IncidentBrief,
    pub run_id: RunId,
    /// The step that is gated; `null` when the whole plan is.
    pub step: Option<StepId>,
    pub status: ApprovalStatus,
    pub plan_digest: Digest,
    /// The stored plan: the very document whose canonical JSON has `plan_digest`; `null` if it was changed in the database.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub plan: Value,
    /// Was the plan changed in the database since it was asked about? Then nobody can decide it.
    #[serde(default)]
    pub plan_tampered: bool,
    pub reasons: Vec<ApprovalReason>,
    pub requested_by: Option<UserRef>,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub quorum: u8,
    pub contributors: Vec<UserId>,
    /// The contributors by name, for people.
    pub contributor_names: Vec<UserRef>,
    pub decisions: Vec<Vote>,
    /// May the caller decide it now? `why_not` says why not.
    pub can_decide: bool,
    pub why_not: Option<String>,
}

/// What an approver should know beside the plan, as it is now; the plan itself does not change with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// What the plan aims at, each once, in the order of its steps.
    pub targets: Vec<TargetStanding>,
    pub verdict: Verdict,
    pub verdict_reasons: Vec<VerdictReason>,
    /// The incident's newest alerts, at most [`EVIDENCE_ALERTS_MAX`].
    pub alerts: Vec<Alert>,
    /// The newest decisions on plans of the same playbook, at most [`SIMILAR_DECISIONS_MAX`].
    pub similar: Vec<PastDecision>,
}

/// So many alerts are shown as evidence.
pub const EVIDENCE_ALERTS_MAX: u64 = 5;
/// So many past decisions are shown.
pub const SIMILAR_DECISIONS_MAX: u32 = 5;

/// One target of a plan, and where else it is in question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetStanding {
    pub target: PlanTarget,
    /// Other open incidents that it was seen in, the newest, at most [`OTHER_INCIDENTS_MAX`].
    pub incidents: Vec<IncidentMention>,
}

/// So many other incidents are named for each target.
pub const OTHER_INCIDENTS_MAX: u32 = 5;

/// An incident by its name, with what one must know of it at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentMention {
    pub id: IncidentId,
    pub title: String,
    pub severity: Severity,
    pub state: State,
}

/// How a plan of the same playbook was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDecision {
    pub id: ApprovalId,
    pub incident: IncidentMention,
    pub status: ApprovalStatus,
    pub decisions: Vec<Vote>,
    pub requested_at: Timestamp,
    /// Was it about one of the same targets?
    pub same_target: bool,
}

/// A signature, or its refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionRequest {
    pub decision: Decision,
    /// At least 10 letters and digits that can be seen, at most 4,096 bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, pattern = r"^([\W_]*[^\W_]){10}"))]
    pub reason: String,
    /// The digest of the plan that the approver saw.
    pub plan_digest: Digest,
}

/// What can be done with approvals.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// Approvals of every status, the newest first.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<ApprovalView>, ApiError>;
    /// Approvals of one status, the newest first.
    async fn list_with_status(
        &self,
        caller: &Caller,
        status: ApprovalStatus,
        page: PageRequest,
    ) -> Result<Page<ApprovalView>, ApiError>;
    /// One approval with the plan that it covers.
    async fn get(&self, caller: &Caller, id: ApprovalId) -> Result<ApprovalView, ApiError>;
    /// What an approver should know beside the plan.
    async fn circumstances(&self, caller: &Caller, id: ApprovalId) -> Result<Circumstances, ApiError>;
    /// Refuses a caller who may decide nothing at all, before the decision is even read.
    async fn check_may_decide(&self, caller: &Caller) -> Result<(), ApiError>;
    /// Approves or rejects.
    async fn decide(&self, caller: &Caller, id: ApprovalId, request: DecisionRequest) -> Result<ApprovalView, ApiError>;
}
