//! A note that a person wrote on an incident. Notes are only added.

use serde::{Deserialize, Serialize};

use crate::id::{IncidentId, NoteId};
use crate::text::TextLimits;
use crate::timestamp::Timestamp;
use crate::user::UserRef;

/// The longest note, in bytes of UTF-8.
pub const NOTE_BYTES_MAX: usize = 16_384;
/// How short and how long a note may be.
pub const NOTE_LIMITS: TextLimits = TextLimits { chars_min: 1, bytes_max: NOTE_BYTES_MAX };

/// A note on an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Note {
    pub id: NoteId,
    pub incident_id: IncidentId,
    pub author: UserRef,
    pub text: String,
    pub created_at: Timestamp,
}
