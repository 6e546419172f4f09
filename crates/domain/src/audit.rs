//! One record of the append-only log: who did what to what, and the exact bytes that are hashed. Numbering, storing and proving
//! are not the domain's business.

pub mod erasures;
pub mod replay;
mod target;
pub mod verification;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::target::Target;
use crate::access::Actor;
use crate::canonical;
use crate::digest::Digest;
use crate::id::{CorrelationId, EntryId, IncidentId};
use crate::idempotency::Claim;
use crate::timestamp::Timestamp;
use crate::word_enum;

/// The version of the leaf's shape, its member `v`.
pub const LEAF_VERSION: u8 = 1;
/// The bytes of the salt that keeps an erased detail from being guessed.
pub const SALT_BYTES: usize = 16;

word_enum! {
    /// What happened.
    AuditAction {
        AlertIngested = "ALERT_INGESTED",
        IncidentCreated = "INCIDENT_CREATED",
        IncidentUpdated = "INCIDENT_UPDATED",
        IncidentEscalated = "INCIDENT_ESCALATED",
        StateChanged = "STATE_CHANGED",
        EnrichmentCompleted = "ENRICHMENT_COMPLETED",
        VerdictSet = "VERDICT_SET",
        NoteAdded = "NOTE_ADDED",
        TaskAdded = "TASK_ADDED",
        TaskChanged = "TASK_CHANGED",
        EvidenceAdded = "EVIDENCE_ADDED",
        /// A duplicate gave its alerts to another incident; both have the entry.
        IncidentMerged = "INCIDENT_MERGED",
        RunRequested = "RUN_REQUESTED",
        RunCancelled = "RUN_CANCELLED",
        ApprovalRequested = "APPROVAL_REQUESTED",
        ApprovalDecided = "APPROVAL_DECIDED",
        ApprovalExpired = "APPROVAL_EXPIRED",
        ApprovalWithdrawn = "APPROVAL_WITHDRAWN",
        ApprovalStale = "APPROVAL_STALE",
        DecisionRefused = "DECISION_REFUSED",
        AccessDenied = "ACCESS_DENIED",
        PlaybookLoaded = "PLAYBOOK_LOADED",
        PlaybookStarted = "PLAYBOOK_STARTED",
        ActionStarted = "ACTION_STARTED",
        ActionSucceeded = "ACTION_SUCCEEDED",
        ActionFailed = "ACTION_FAILED",
        ActionSkipped = "ACTION_SKIPPED",
        ActionUnknown = "ACTION_UNKNOWN",
        ActionUndoStarted = "ACTION_UNDO_STARTED",
        ActionUndone = "ACTION_UNDONE",
        ActionUndoFailed = "ACTION_UNDO_FAILED",
        /// A run kept what was known of its incident.
        EvidenceCaptured = "EVIDENCE_CAPTURED",
        /// A message of Countersign itself to the default channel.
        NotificationQueued = "NOTIFICATION_QUEUED",
        /// A person said what happened in a step whose outcome was unknown.
        StepResolved = "STEP_RESOLVED",
        PlaybookCompleted = "PLAYBOOK_COMPLETED",
        PlaybookFailed = "PLAYBOOK_FAILED",
        UserSignedIn = "USER_SIGNED_IN",
        UserSignedOut = "USER_SIGNED_OUT",
        /// A person gave their password again.
        StepUp = "STEP_UP",
        SignInFailed = "SIGN_IN_FAILED",
        UserCreated = "USER_CREATED",
        UserUpdated = "USER_UPDATED",
        UserDisabled = "USER_DISABLED",
        /// A person said that an account is its owner's, whoever set it.
        UserConfirmed = "USER_CONFIRMED",
        /// A person changed their own password.
        PasswordChanged = "PASSWORD_CHANGED",
        /// Somebody else, or a link, set a person's password.
        UserPasswordSet = "USER_PASSWORD_SET",
        /// A link was made by which a person sets their password, or the first admin is made.
        LinkCreated = "LINK_CREATED",
        SessionEnded = "SESSION_ENDED",
        ApiKeyCreated = "API_KEY_CREATED",
        ApiKeyUpdated = "API_KEY_UPDATED",
        ApiKeyRevoked = "API_KEY_REVOKED",
        ReportExported = "REPORT_EXPORTED",
        /// A key signs heads of this log from here on: of one more server, or in the place of an older one.
        LogKeyAdded = "LOG_KEY_ADDED",
        /// What an entry said of people was erased; the entry itself stays.
        DetailErased = "DETAIL_ERASED",
        /// What is stored under a digest is not what was stored there; it was not shown.
        TamperingFound = "TAMPERING_FOUND",
        /// A person kept a list of incidents under a name, or changed it.
        ViewSaved = "VIEW_SAVED",
        ViewRemoved = "VIEW_REMOVED",
    }
}

word_enum! {
    /// What kind of actor did it.
    ActorKind {
        User = "user",
        ApiKey = "api_key",
        System = "system",
    }
}

word_enum! {
    /// What kind of thing it was done to.
    TargetKind {
        Incident = "incident",
        Alert = "alert",
        Run = "run",
        Approval = "approval",
        Playbook = "playbook",
        User = "user",
        ApiKey = "api_key",
        Session = "session",
        /// A one-time link.
        Link = "link",
        View = "view",
        /// The audit log itself.
        Log = "log",
        /// An entry of the audit log.
        Entry = "entry",
    }
}

word_enum! {
    /// How it ended.
    Outcome {
        Ok = "ok",
        Denied = "denied",
        Error = "error",
    }
}

/// Who did it. A person who is not signed in is a user without an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditActor {
    pub id: Option<String>,
    pub kind: ActorKind,
}

impl From<&Actor> for AuditActor {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::Anonymous => Self { id: None, kind: ActorKind::User },
            Actor::User(user) => Self { kind: ActorKind::User, id: Some(user.user.id.to_string()) },
            Actor::Key(key) => Self { kind: ActorKind::ApiKey, id: Some(key.id.to_string()) },
            Actor::System => Self { kind: ActorKind::System, id: None },
        }
    }
}

/// Who caused a change, and by which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub actor: AuditActor,
    pub correlation_id: Option<CorrelationId>,
    /// What the request may do only once.
    pub claim: Option<Arc<Claim>>,
}

impl Origin {
    /// This actor, by this request.
    #[must_use]
    pub fn request(actor: &Actor, correlation_id: CorrelationId) -> Self {
        Self { actor: actor.into(), correlation_id: Some(correlation_id), claim: None }
    }

    /// Countersign itself, by no request.
    #[must_use]
    pub fn system() -> Self {
        Self { actor: (&Actor::System).into(), correlation_id: None, claim: None }
    }
}

/// An entry before it has its place in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryDraft {
    pub actor: AuditActor,
    pub action: AuditAction,
    pub target: Target,
    pub incident_id: Option<IncidentId>,
    pub correlation_id: Option<CorrelationId>,
    pub outcome: Outcome,
    /// Only ids, digests, enum values and integers: facts cannot be erased.
    pub facts: Map<String, Value>,
    /// What may name people; it can be erased later while every proof still holds.
    pub detail: Option<Value>,
}

impl EntryDraft {
    /// An entry with the outcome `ok`, without facts.
    #[must_use]
    pub fn new(origin: &Origin, action: AuditAction, target: Target) -> Self {
        Self {
            actor: origin.actor.clone(),
            action,
            target,
            incident_id: None,
            correlation_id: origin.correlation_id.clone(),
            outcome: Outcome::Ok,
            facts: Map::new(),
            detail: None,
        }
    }

    /// It concerns this incident.
    #[must_use]
    pub fn incident(self, id: IncidentId) -> Self {
        Self { incident_id: Some(id), ..self }
    }

    /// It ended so.
    #[must_use]
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// An integer, a list or `null` that belongs to it for ever.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// An id, a digest or an enum value that belongs to it for ever.
    #[must_use]
    pub fn fact_named(self, name: &str, value: impl fmt::Display) -> Self {
        self.fact(name, value.to_string())
    }

    /// What may be erased later.
    #[must_use]
    pub fn detail(self, detail: Value) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// The entry at its place in the log, with the bytes that are hashed.
    #[must_use]
    pub fn seal(self, seal: Seal) -> SealedEntry {
        let detail =
            self.detail.as_ref().map(|detail| SealedDetail { salt: seal.salt, canonical: canonical::value_to_json(detail) });
        let leaf = Leaf {
            action: self.action,
            actor: &self.actor,
            at: seal.at,
            correlation_id: self.correlation_id.as_ref(),
            detail: detail.as_ref().map(SealedDetail::digest),
            facts: &self.facts,
            id: seal.id,
            incident_id: self.incident_id,
            outcome: self.outcome,
            seq: seal.seq,
            target: &self.target,
            v: LEAF_VERSION,
        };
        let leaf = canonical::ordered_to_json(&leaf, &self.facts);
        let Self { actor, action, incident_id, .. } = self;
        let Seal { seq, id, at, .. } = seal;
        SealedEntry { seq, id, at, actor_id: actor.id, action, incident_id, leaf, detail }
    }
}

/// What an entry gets with its place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// 0, 1, 2 … without a gap.
    pub seq: i64,
    pub id: EntryId,
    pub at: Timestamp,
    /// Fresh random bytes.
    pub salt: [u8; SALT_BYTES],
}

/// An entry at its place in the log; only `leaf` is hashed, the other fields repeat what of it entries are found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEntry {
    pub seq: i64,
    pub id: EntryId,
    pub at: Timestamp,
    pub actor_id: Option<String>,
    pub action: AuditAction,
    pub incident_id: Option<IncidentId>,
    /// RFC 8785 JSON.
    pub leaf: String,
    pub detail: Option<SealedDetail>,
}

impl SealedEntry {
    /// SHA-256 of 0x00 and the leaf, as in RFC 6962.
    #[must_use]
    pub fn leaf_hash(&self) -> Digest {
        leaf_hash(&self.leaf)
    }
}

/// A detail with the salt that is hashed before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedDetail {
    pub salt: [u8; SALT_BYTES],
    /// RFC 8785 JSON.
    pub canonical: String,
}

impl SealedDetail {
    /// SHA-256 of the salt's bytes and the canonical detail: what the leaf holds.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts(&[&self.salt, self.canonical.as_bytes()])
    }
}

/// What is shown of an entry: its facts and, while it exists, its detail.
#[must_use]
pub fn shown_details(mut facts: Map<String, Value>, detail: Option<Value>) -> Value {
    match detail {
        Some(Value::Object(detail)) => facts.extend(detail),
        Some(other) => drop(facts.insert("detail".to_owned(), other)),
        None => {}
    }
    Value::Object(facts)
}

/// SHA-256 of 0x00 and the stored leaf, as in RFC 6962.
#[must_use]
pub fn leaf_hash(leaf: &str) -> Digest {
    Digest::of_parts(&[&[0], leaf.as_bytes()])
}

/// The leaf's members, here and in what they hold, in the order of their names: RFC 8785 wants them so.
#[derive(Serialize)]
struct Leaf<'a> {
    action: AuditAction,
    actor: &'a AuditActor,
    at: Timestamp,
    correlation_id: Option<&'a CorrelationId>,
    detail: Option<Digest>,
    facts: &'a Map<String, Value>,
    id: EntryId,
    incident_id: Option<IncidentId>,
    outcome: Outcome,
    seq: i64,
    target: &'a Target,
    v: u8,
}

#[cfg(test)]
mod tests;
