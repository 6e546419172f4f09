//! Incidents: read, moved through their states, written notes on, planned for.

use async_trait::async_trait;
use domain::alert::Alert;
use domain::audit::AuditAction;
use domain::id::{IncidentId, IncidentType, PlaybookId};
use domain::incident::State;
use domain::incident_filter::{IncidentFilter, IncidentSort, SortOrder};
use domain::note::Note;
use domain::observable::Observable;
use domain::plan::DigestedPlan;
use domain::run::Run;
use domain::score::ScoreRow;
use domain::severity::Severity;
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use domain::verdict::{Verdict, VerdictReason};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::approvals::ApprovalView;
use crate::audit::ActorView;
use crate::{ApiError, Caller, Page, PageRequest};

/// An incident as lists and answers show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: IncidentId,
    pub title: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
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
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub acknowledged_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub contained_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub resolved_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub closed_at: Option<Timestamp>,
}

/// One thing that happened to an incident, from the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineItem {
    /// The audit entry behind it.
    pub seq: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub action: AuditAction,
    pub actor: ActorView,
    /// One sentence for people.
    pub summary: String,
}

/// An incident with everything that belongs to it, the newest 100 of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentDetail {
    #[serde(flatten)]
    pub incident: IncidentView,
    pub alerts: Vec<Alert>,
    pub observables: Vec<Observable>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub enrichments: Vec<Value>,
    pub runs: Vec<Run>,
    pub approvals: Vec<ApprovalView>,
    pub notes: Vec<Note>,
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
    /// Required where the table of states says so.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A new note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteRequest {
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
    /// Writes a note.
    async fn add_note(&self, caller: &Caller, id: IncidentId, request: NoteRequest) -> Result<Note, ApiError>;
    /// The plan that would run: of this playbook, or of the one that is proposed. Nothing happens, nothing is stored.
    async fn plan(&self, caller: &Caller, id: IncidentId, playbook_id: Option<PlaybookId>) -> Result<DigestedPlan, ApiError>;
}
