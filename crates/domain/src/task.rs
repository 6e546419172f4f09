//! Something that remains to be done about an incident. It cannot be closed from `resolved` while a task is open.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, TaskId};
use crate::text::TextLimits;
use crate::timestamp::Timestamp;
use crate::user::UserRef;

/// The longest title of a task, in bytes of UTF-8.
pub const TASK_TITLE_BYTES_MAX: usize = 512;
/// How short and how long the title of a task may be.
pub const TASK_TITLE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: TASK_TITLE_BYTES_MAX };
/// The most tasks of one incident.
pub const TASKS_MAX: u64 = 100;

/// A task of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    pub id: TaskId,
    pub incident_id: IncidentId,
    pub title: String,
    pub assignee: Option<UserRef>,
    pub done: bool,
    /// `null` if a run made it that started by itself.
    pub created_by: Option<UserRef>,
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

impl Task {
    /// The task done, or open again.
    #[must_use]
    pub fn with_done(self, done: bool, at: Timestamp) -> Self {
        let done_at = if done { self.done_at.or(Some(at)) } else { None };
        Self { done, done_at, ..self }
    }
}
