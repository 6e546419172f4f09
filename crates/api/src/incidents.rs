//! Incidents: read, moved through their states, written notes on, planned for.

use async_trait::async_trait;
use domain::alert::Alert;
use domain::audit::AuditAction;
use domain::containment::Containment;
use domain::evidence::Evidence;
use domain::id::{EvidenceId, IncidentId, IncidentType, PlaybookId, TaskId};
use domain::incident::State;
use domain::incident_filter::{IncidentFilter, IncidentSort, SortOrder};
use domain::note::Note;
use domain::observable::{Observable, ObservableKind};
use domain::plan::DigestedPlan;
use domain::run::Run;
use domain::score::ScoreRow;
use domain::severity::Severity;
use domain::sla::Sla;
use domain::task::Task;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use domain::verdict::{Verdict, VerdictReason};
use futures::stream::BoxStream;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::approvals::ApprovalView;
use crate::audit::ActorView;
use crate::version::ExpectedVersion;
use crate::{ApiError, Caller, Page, PageRequest};

/// An incident as lists and answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentView {
    pub id: IncidentId,
    pub title: String,
    pub incident_type: IncidentType,
    pub state: State,
    /// Where an analyst may move it by hand right now; empty while a run is active.
    pub allowed_transitions: Vec<State>,
    pub severity: Severity,
    pub severity_label: String,
    /// 0 to 100; the points of `score` add up to it.
    pub risk_score: u8,
    pub score: Vec<ScoreRow>,
    pub verdict: Verdict,
    pub verdict_reasons: Vec<VerdictReason>,
    pub assignee: Option<UserRef>,
    pub tags: Vec<String>,
    pub analyst_notes: String,
    pub alert_count: u32,
    /// What was seen in its alerts, the first few.
    pub entities: Vec<Observable>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub contained_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// The incident that it is a duplicate of and that took its alerts.
    pub merged_into: Option<IncidentId>,
    /// When it must be acknowledged and contained, and how it stands.
    pub sla: Sla,
    /// Rises with every change; what `If-Match` is about.
    pub version: i64,
}

/// One thing that happened to an incident, from the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineItem {
    /// The audit entry behind it.
    pub seq: i64,
    pub at: Timestamp,
    pub action: AuditAction,
    pub actor: ActorView,
    /// One sentence for people.
    pub summary: String,
}

/// An observable of an incident that was seen in others too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeenElsewhere {
    pub kind: ObservableKind,
    pub value: String,
    /// How many other incidents; counted no further than 100.
    pub incidents: u32,
}

/// Another incident that shares observables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarIncident {
    pub id: IncidentId,
    pub title: String,
    pub incident_type: IncidentType,
    pub state: State,
    pub severity: Severity,
    pub verdict: Verdict,
    pub created_at: Timestamp,
    /// What it shares: why it is here.
    pub shared: Vec<Observable>,
}

/// An incident with everything that belongs to it, the newest 100 of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentDetail {
    #[serde(flatten)]
    pub incident: IncidentView,
    pub alerts: Vec<Alert>,
    pub observables: Vec<Observable>,
    /// Which of its observables are blocked, isolated or disabled now, by its own runs or those of other incidents.
    pub containments: Vec<Containment>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub enrichments: Vec<Value>,
    pub runs: Vec<Run>,
    pub approvals: Vec<ApprovalView>,
    pub notes: Vec<Note>,
    /// Open ones first.
    pub tasks: Vec<Task>,
    /// The newest first.
    pub evidence: Vec<Evidence>,
    /// Its observables that were seen in other incidents; of 50 observables at most.
    pub seen_elsewhere: Vec<SeenElsewhere>,
    /// The 10 incidents that share most with it, then the newest.
    pub similar: Vec<SimilarIncident>,
    pub timeline: Vec<TimelineItem>,
}

/// Which incidents are wanted, in which order, and which page of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentQuery {
    pub filter: IncidentFilter,
    pub sort: IncidentSort,
    pub order: SortOrder,
    /// A cursor belongs to the sort and the order that it was made with.
    pub page: PageRequest,
}

impl Default for IncidentQuery {
    /// All of them, the newest first.
    fn default() -> Self {
        Self {
            filter: IncidentFilter::default(),
            sort: IncidentSort::CreatedAt,
            order: SortOrder::Descending,
            page: PageRequest::default(),
        }
    }
}

/// A move by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransitionRequest {
    pub to: State,
    /// Required where the table of states says so: at least one letter or digit that can be seen, at most 4,096 bytes.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, pattern = r"^\s*$|[^\W_]"))]
    pub reason: Option<String>,
    /// The closing verdict, for the move to `closed`; it can be set before as well.
    #[serde(default)]
    pub verdict: Option<Verdict>,
}

/// Changes to an incident; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentPatch {
    /// 1 to 512 bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, max_length = 512, pattern = r"\S"))]
    pub title: Option<String>,
    /// One text that replaces the one before; at most 65,536 bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, max_length = 65536))]
    pub analyst_notes: Option<String>,
    /// The user name or id of an analyst whose account is enabled; `null` takes the assignee away.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub assignee: Option<Option<String>>,
    /// All of them, at most 64 of 1 to 128 bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<TagText>, required = false, max_items = 64))]
    pub tags: Option<Vec<String>>,
    /// Needs `verdict_reason`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Verdict, required = false))]
    pub verdict: Option<Verdict>,
    /// At least one letter or digit that can be seen, at most 4,096 bytes; only with `verdict`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, max_length = 4096, pattern = r"[^\W_]"))]
    pub verdict_reason: Option<String>,
}

/// One tag: 1 to 128 bytes.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(max_length = 128, pattern = r"\S")]
pub struct TagText(#[expect(dead_code, reason = "only described")] String);

/// A member that is there has a value: `null` is one only where the value may be null.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Where a duplicate goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeRequest {
    /// Another incident, which is not closed.
    pub into: IncidentId,
}

/// The bytes of a file, a piece at a time.
pub type FileBytes = BoxStream<'static, Result<Vec<u8>, ApiError>>;

/// A file that is being received.
pub struct EvidenceUpload {
    /// As its sender calls it.
    pub name: String,
    pub bytes: FileBytes,
}

/// A file kept with an incident.
pub struct EvidenceFile {
    pub evidence: Evidence,
    pub bytes: FileBytes,
}

/// A new task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskRequest {
    /// 1 to 512 bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 512, pattern = r"\S"))]
    pub title: String,
    /// The user name or id of an analyst whose account is enabled.
    #[serde(default)]
    pub assignee: Option<String>,
}

/// Changes to a task; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskPatch {
    /// 1 to 512 bytes.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, max_length = 512, pattern = r"\S"))]
    pub title: Option<String>,
    /// The user name or id of an analyst whose account is enabled; `null` takes the assignee away.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub assignee: Option<Option<String>>,
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = bool, required = false))]
    pub done: Option<bool>,
}

/// A new note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteRequest {
    /// 1 to 16,384 bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 16384, pattern = r"\S"))]
    pub text: String,
}

/// What can be done with incidents.
#[async_trait]
pub trait Incidents: Send + Sync {
    /// The incidents that pass the filter.
    async fn list(&self, caller: &Caller, query: IncidentQuery) -> Result<Page<IncidentView>, ApiError>;
    /// One incident with everything that belongs to it.
    async fn get(&self, caller: &Caller, id: IncidentId) -> Result<IncidentDetail, ApiError>;
    /// Moves an incident by hand.
    async fn transition(&self, caller: &Caller, id: IncidentId, request: TransitionRequest) -> Result<IncidentView, ApiError>;
    /// Changes title, analyst's notes, assignee, tags or verdict; `stale-version` if the incident is another one by now.
    async fn update(
        &self,
        caller: &Caller,
        id: IncidentId,
        patch: IncidentPatch,
        expected: ExpectedVersion,
    ) -> Result<IncidentView, ApiError>;
    /// Whom an incident may be assigned to: the analysts whose accounts are enabled, by name.
    async fn assignees(&self, caller: &Caller) -> Result<Vec<UserRef>, ApiError>;
    /// Adds a task.
    async fn add_task(&self, caller: &Caller, id: IncidentId, request: TaskRequest) -> Result<Task, ApiError>;
    /// Changes a task; `stale-version` if it is another one by now.
    async fn update_task(
        &self,
        caller: &Caller,
        id: TaskId,
        patch: TaskPatch,
        expected: ExpectedVersion,
    ) -> Result<Task, ApiError>;
    /// Merges a duplicate into another incident; answers with that one.
    async fn merge(&self, caller: &Caller, id: IncidentId, request: MergeRequest) -> Result<IncidentView, ApiError>;
    /// Refuses a caller who may change no incident at all, before what they send is even read.
    async fn check_may_edit(&self, caller: &Caller) -> Result<(), ApiError>;
    /// Keeps a file with an incident.
    async fn add_evidence(&self, caller: &Caller, id: IncidentId, upload: EvidenceUpload) -> Result<Evidence, ApiError>;
    /// A file with its bytes.
    async fn evidence(&self, caller: &Caller, id: EvidenceId) -> Result<EvidenceFile, ApiError>;
    /// Writes a note.
    async fn add_note(&self, caller: &Caller, id: IncidentId, request: NoteRequest) -> Result<Note, ApiError>;
    /// The plan that would run: of this playbook, or of the one that is proposed. Nothing happens, nothing is stored.
    async fn plan(&self, caller: &Caller, id: IncidentId, playbook_id: Option<PlaybookId>) -> Result<DigestedPlan, ApiError>;
}
