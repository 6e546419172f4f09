//! What is said about a playbook beside its content: where a version comes from, what is wrong with a document, and how two
//! versions differ. How playbooks are read and checked is in the crate `playbooks`.

use serde::{Deserialize, Serialize};

use crate::word_enum;

word_enum! {
    /// Where a version of a playbook comes from; of several the last one here is in force.
    PlaybookOrigin {
        /// Embedded in the program.
        Shipped = "shipped",
        /// A file in the folder of playbooks.
        Folder = "folder",
        /// Uploaded by an administrator.
        Upload = "upload",
    }
}

/// One fault of a document: where it stands, what is wrong, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookFault {
    /// Counts from 1; `null` if the fault has no place.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    /// A JSON Pointer to the value at fault; empty for the whole document.
    pub pointer: String,
    pub detail: String,
    /// What may stand there instead.
    pub expected: Option<String>,
    /// The known name that was probably meant.
    pub did_you_mean: Option<String>,
}

word_enum! {
    /// What became of a part of a playbook.
    PlaybookChangeKind {
        Added = "added",
        Removed = "removed",
        Changed = "changed",
        /// It stands elsewhere in the order of the steps.
        Moved = "moved",
    }
}

/// One difference between two versions, by what it means rather than by its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookChange {
    pub kind: PlaybookChangeKind,
    /// What it is about: `playbook`, `requires_approval_if`, `step block`, `test …`.
    pub subject: String,
    /// The part of it, such as `with.duration`; `null` for the whole.
    pub part: Option<String>,
    /// As JSON text.
    pub before: Option<String>,
    /// As JSON text.
    pub after: Option<String>,
}

word_enum! {
    /// What became of a line.
    LineChange {
        Same = "same",
        Added = "added",
        Removed = "removed",
    }
}

/// One line of two texts laid beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparedLine {
    pub change: LineChange,
    pub text: String,
}
