//! What Countersign tells people by itself. Its words are in `playbooks/notifications.yaml`.

use crate::word_enum;

word_enum! {
    /// What a message is about.
    NotificationEvent {
        IncidentReached = "incident_reached",
        IncidentEscalated = "incident_escalated",
        ApprovalWaits = "approval_waits",
        ApprovalNearsExpiry = "approval_nears_expiry",
        RunFailed = "run_failed",
    }
}
