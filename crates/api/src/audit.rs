//! The audit log, read.

use async_trait::async_trait;
use domain::audit::{ActorKind, AuditAction, Outcome, TargetKind};
use domain::digest::Digest;
use domain::id::{EntryId, IncidentId};
use domain::timestamp::Timestamp;
use domain::word_enum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiError, Caller, Page, PageRequest};

/// Who did it; the name is joined when the entry is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorView {
    pub kind: ActorKind,
    pub id: Option<String>,
    pub name: Option<String>,
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetView {
    pub kind: TargetKind,
    pub id: String,
}

/// One record of the append-only log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntryView {
    /// The place in the log, from 0 without a gap.
    pub seq: i64,
    pub id: EntryId,
    pub at: Timestamp,
    pub actor: ActorView,
    pub action: AuditAction,
    pub target: TargetView,
    pub incident_id: Option<IncidentId>,
    pub correlation_id: Option<String>,
    pub outcome: Outcome,
    /// The facts and, while it exists, the detail.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Value,
    /// SHA-256 of 0x00 and the stored leaf (RFC 6962).
    pub leaf_hash: Digest,
}

word_enum! {
    /// Which end of the log comes first.
    AuditOrder {
        NewestFirst = "desc",
        OldestFirst = "asc",
    }
}

/// The longest name of an actor that can be asked for, in bytes.
pub const ACTOR_BYTES_MAX: usize = 256;

/// Which entries are wanted: those for which everything here holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    pub incident_id: Option<IncidentId>,
    /// A user name, the name of a key, the id of either, or `system`.
    pub actor: Option<String>,
    pub action: Option<AuditAction>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// Which entries are wanted, from which end, and which page of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    pub filter: AuditFilter,
    pub order: AuditOrder,
    pub page: PageRequest,
}

/// What can be done with the audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Entries that the caller may see.
    async fn list(&self, caller: &Caller, query: AuditQuery) -> Result<Page<AuditEntryView>, ApiError>;
}
