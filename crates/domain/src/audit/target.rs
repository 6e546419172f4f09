//! What an entry of the log is about.

use serde::{Deserialize, Serialize};

use super::TargetKind;
use crate::id::{AlertId, ApiKeyId, ApprovalId, EntryId, IncidentId, PlaybookId, RunId, UserId, ViewId};

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub id: String,
    pub kind: TargetKind,
}

macro_rules! targets {
    ($($(#[$doc:meta])+ $name:ident $kind:ident $id:ty;)+) => {
        impl Target {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(id: $id) -> Self {
                Self { kind: TargetKind::$kind, id: id.to_string() }
            })+
        }
    };
}

targets! {
    /// This incident.
    incident Incident IncidentId;
    /// This alert.
    alert Alert AlertId;
    /// This run; its step, if it is about one, is a fact.
    run Run RunId;
    /// This approval.
    approval Approval ApprovalId;
    /// This playbook; its digest is a fact.
    playbook Playbook &PlaybookId;
    /// This person.
    user User UserId;
    /// This API key.
    api_key ApiKey ApiKeyId;
    /// This session: a name of it that is not its secret.
    session Session &str;
    /// This one-time link: a name of it that is not its secret.
    link Link &str;
    /// This saved view.
    view View ViewId;
    /// The audit log of this origin.
    log Log &str;
    /// This entry of the audit log; its `seq` is a fact.
    entry Entry EntryId;
}
