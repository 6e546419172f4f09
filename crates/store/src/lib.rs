//! The only place that knows SQL and SeaORM: domain values go in, domain values come out, and nothing changes without a trail. What
//! may happen is decided in `domain`, `playbooks` and `service`, never here.

mod alerts;
mod api_keys;
mod approvals;
mod audit;
mod backup;
mod batch;
mod clock;
mod connection;
mod effects;
mod entity;
mod error;
mod evidence;
mod guards;
mod incidents;
mod ingestion;
mod jobs;
mod kept_answers;
mod kept_details;
mod kept_log;
mod links;
mod log_blocks;
mod marks;
mod measure;
mod notes;
mod notifications;
mod nouns;
mod numbers;
mod outbox_messages;
mod page;
mod places;
mod plans;
mod playbook_uploads;
mod playbook_versions;
mod postgres_writer;
pub mod privileges;
mod rows;
mod runs;
mod saved_views;
mod schema;
mod schema_aside;
mod sequencer;
mod sessions;
mod sqlite_writer;
mod store;
mod tasks;
mod users;
mod verification;
mod write;

pub use alerts::{FirstAlert, Poster};
pub use api_keys::{ApiKey, KeyMaker};
pub use approvals::{ApprovalFilter, NewApproval};
pub use audit::{
    AuditEntry, AuditFilter, AuditOrder, AuditSelection, Erased, Erasure, ExportedEntry, LoggedChange, LoggedFacts, NamedActor,
    SignedHead, SigningKey,
};
pub use backup::{Inspection, copy_sqlite, inspect_sqlite};
pub use effects::{Effect, EffectKind};
pub use error::StoreError;
pub use evidence::{NewEvidence, StoredEvidence};
pub use guards::{GuardFault, GuardReport, Piece, PieceKind};
pub use incidents::{BackfillProgress, COUNTED_MAX, IncidentSelection, Merged, SEEN_MAX};
pub use ingestion::{IncidentSnapshot, IngestRequest, IngestRules, Ingested, Keeping, Posting};
pub use jobs::{ClaimedJob, NewJob};
pub use kept_log::{KeptHead, KeptLog};
pub use links::Link;
pub use notes::NewNote;
pub use notifications::{NewNotification, Notification};
pub use nouns::{
    Alerts, ApiKeys, Approvals, Audit, Effects, EvidenceFiles, Incidents, Jobs, KeptAnswers, Links, Marks, Notes, Notifications,
    OutboxMessages, Plans, PlaybookUploads, PlaybookVersions, Reads, Runs, SavedViews, Sessions, Tasks, Users,
};
pub use outbox_messages::{NewOutboxMessage, OutboxMessage};
pub use page::{Cursor, InvalidCursor, Page, PageRequest};
pub use places::{WRITE_QUEUE_BYTES_MAX, WRITE_QUEUE_MAX};
pub use plans::StoredPlan;
pub use playbook_uploads::NewUpload;
pub use playbook_versions::{Inserted, PlaybookVersion};
pub use runs::{NewRun, NewStep, RunStanding, StoredRun};
pub use schema::{ChangeState, SchemaChange};
pub use schema_aside::SchemaAside;
pub use sessions::{Session, SessionFilter};
pub use store::{Store, Surroundings};
pub use tasks::NewTask;
pub use users::{Account, ApproverHistory};
pub use verification::LogReport;
pub use write::{GROUP_MAX, Trail, Tx, Untrailed};
