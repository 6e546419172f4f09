//! The audit log, read and proved.

use async_trait::async_trait;
use domain::audit::{ActorKind, AuditAction, Outcome, TargetKind};
use domain::digest::Digest;
use domain::id::{EntryId, IncidentId};
use domain::timestamp::Timestamp;
use domain::word_enum;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::page::PAGE_LIMIT_MAX;
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

/// That a detail was erased; every proof of its entry still holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasedDetail {
    /// The entry that says so.
    pub seq: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `null` if that was erased too.
    pub reason: Option<String>,
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
    /// Which entry says that the detail was erased, and why.
    pub erased: Option<ErasedDetail>,
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

/// A signed head of the log (C2SP tlog-checkpoint).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckpointView {
    /// The log's name, as the note has it.
    pub origin: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root of the Merkle tree over them (RFC 6962).
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
    pub root_hash: Digest,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// The signed note itself.
    pub checkpoint: String,
    /// The keys that sign the heads of this log (C2SP signed-note), the oldest first.
    pub verifier_keys: Vec<String>,
}

/// The proof that an entry is in the log (RFC 6962, section 2.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InclusionProof {
    pub seq: i64,
    /// Of the tree that it is in.
    pub size: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
    pub leaf_hash: Digest,
    /// From the leaf's sibling up to the root's child.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hashes: Vec<Digest>,
    /// The signed head of this size, if there is one.
    pub checkpoint: Option<String>,
}

/// The proof that the log of one size is the beginning of the log of another (RFC 6962, section 2.1.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsistencyProof {
    pub from: u64,
    pub to: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hashes: Vec<Digest>,
}

/// The most entries that are proved at once: a page of the list.
pub const PROVED_MAX: usize = PAGE_LIMIT_MAX as usize;

/// A detail as it was hashed into its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaltedDetail {
    /// 16 bytes in hexadecimal digits.
    pub salt: String,
    /// RFC 8785 JSON.
    pub canonical: String,
}

/// One entry, with all that is needed to find it in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvedEntry {
    pub seq: i64,
    /// The stored bytes: RFC 8785 JSON.
    pub leaf: String,
    /// `null` if it never had one, or it was erased.
    pub detail: Option<SaltedDetail>,
    /// From the leaf's sibling up to the root's child.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub hashes: Vec<Digest>,
}

/// Which entries are to be proved, and from which size on the log must be shown to have only grown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofQuery {
    /// 1 to [`PROVED_MAX`].
    pub seqs: Vec<i64>,
    /// The size of a signed head that the caller kept.
    pub kept: Option<u64>,
}

/// Entries, and the signed head that they are proved against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogProof {
    pub head: CheckpointView,
    pub entries: Vec<ProvedEntry>,
    /// The entries that say of these, or of each other, that their details were erased.
    pub erasures: Vec<ProvedEntry>,
    /// From the size that the caller kept, if it is within the log.
    pub growth: Option<ConsistencyProof>,
}

/// What can be done with the audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Entries that the caller may see.
    async fn list(&self, caller: &Caller, query: AuditQuery) -> Result<Page<AuditEntryView>, ApiError>;

    /// A signed head over every entry that is in the log now.
    async fn checkpoint(&self, caller: &Caller) -> Result<CheckpointView, ApiError>;

    /// The proof that the entry with this `seq` is in the log of this size: by default, of the smallest signed head that covers it.
    async fn prove_inclusion(&self, caller: &Caller, seq: Option<i64>, size: Option<u64>) -> Result<InclusionProof, ApiError>;

    /// Entries with their proofs against one head over everything that is in the log now.
    async fn prove(&self, caller: &Caller, query: ProofQuery) -> Result<LogProof, ApiError>;

    /// The proof of one entry as a file (C2SP tlog-proof), which holds the entry itself.
    async fn proof_file(&self, caller: &Caller, seq: Option<i64>) -> Result<String, ApiError>;

    /// The proof that the log of the first size is the beginning of the log of the second: by default, of the newest signed head.
    async fn prove_consistency(&self, caller: &Caller, from: Option<u64>, to: Option<u64>) -> Result<ConsistencyProof, ApiError>;

    /// The whole log as lines, for whoever verifies it elsewhere.
    async fn export(&self, caller: &Caller) -> Result<BoxStream<'static, Result<String, ApiError>>, ApiError>;
}
