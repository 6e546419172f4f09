//! The live stream: what changed, as it is committed. It carries names, never content.

use async_trait::async_trait;
use domain::id::IncidentId;
use domain::word_enum;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller};

word_enum! {
    /// What kind of thing changed.
    Topic {
        Incident = "incident",
        Run = "run",
        Approval = "approval",
        Audit = "audit",
        Alert = "alert",
        Playbook = "playbook",
    }
}

/// Something changed; whoever shows it should read it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    pub topic: Topic,
    pub id: String,
    pub incident_id: Option<IncidentId>,
}

/// One item of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamItem {
    /// A change with the `seq` of its audit entry.
    Change(i64, Change),
    /// The resume point is too old, or the reader too slow: reload everything. Carries the `seq` to go on from.
    Gap(i64),
}

/// Resume points older than this many entries answer with a gap.
pub const RESUME_ENTRIES_MAX: i64 = 10_000;

/// Where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamStart {
    /// With whatever comes next.
    Now,
    /// After the entry with this `seq`.
    After(i64),
}

/// What can be done with changes.
#[async_trait]
pub trait Changes: Send + Sync {
    /// Follows what the caller may see; ends when the server shuts down.
    async fn follow(&self, caller: &Caller, start: StreamStart) -> Result<BoxStream<'static, StreamItem>, ApiError>;
}
