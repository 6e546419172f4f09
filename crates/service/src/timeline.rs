//! One sentence per audit action, for the timeline of an incident. The facts behind it stay on the audit page.

use domain::audit::AuditAction;
use serde_json::Value;

/// What happened, without the actor, who is shown beside it.
pub fn summary(action: AuditAction, details: &Value, target: &str) -> String {
    let fact = |name: &str| text(&details[name]);
    match action {
        AuditAction::AlertIngested => format!("Alert {target} from {}", fact("source")),
        AuditAction::IncidentCreated => format!("Incident created, scored {} ({})", fact("risk_score"), fact("severity")),
        AuditAction::IncidentUpdated if details["fields"].is_array() => format!("Changed {}", list(&details["fields"])),
        AuditAction::TaskAdded => format!("Task added: {}", fact("title")),
        AuditAction::TaskChanged if details["status"] == "done" => format!("Task done: {}", fact("title")),
        AuditAction::TaskChanged => format!("Task changed: {}", fact("title")),
        AuditAction::EvidenceAdded => format!("Evidence added: {}", fact("name")),
        AuditAction::EvidenceCaptured => format!("Evidence captured: {}", fact("name")),
        AuditAction::IncidentMerged => format!("{} merged into {}", fact("merged"), fact("into")),
        AuditAction::IncidentUpdated => format!("Alert joined: scored {} ({})", fact("risk_score"), fact("severity")),
        AuditAction::IncidentEscalated => "Escalated".to_owned(),
        AuditAction::StateChanged => with_reason(format!("{} → {}", spaced(&fact("from")), spaced(&fact("to"))), &fact("reason")),
        AuditAction::EnrichmentCompleted => "Enriched".to_owned(),
        AuditAction::VerdictSet => with_reason(format!("Verdict set to {}", fact("verdict")), &fact("reason")),
        AuditAction::NoteAdded => "Note added".to_owned(),
        AuditAction::RunRequested => format!("Run {target} of {} asked for", fact("playbook_id")),
        AuditAction::RunCancelled => format!("Run {target} cancelled"),
        AuditAction::ApprovalRequested => format!("Approval {target} asked for, {} of others must sign", fact("quorum")),
        AuditAction::ApprovalDecided => with_reason(format!("{target}: {}", decided(&fact("decision"))), &fact("reason")),
        AuditAction::ApprovalExpired => format!("Approval {target} expired undecided"),
        AuditAction::ApprovalWithdrawn => format!("Approval {target} withdrawn"),
        AuditAction::ApprovalStale => format!("Approval {target} no longer holds; a new one is asked for"),
        AuditAction::DecisionRefused => format!("Decision on {target} refused: {}", spaced(&fact("refusal"))),
        AuditAction::AccessDenied => "Access denied".to_owned(),
        AuditAction::PlaybookLoaded => format!("Playbook {target} loaded"),
        AuditAction::PlaybookStarted => format!("Run {target} started"),
        AuditAction::ActionStarted => format!("{}: {} started", fact("step"), spaced(&fact("action"))),
        AuditAction::ActionSucceeded => format!("{}: {} done", fact("step"), spaced(&fact("action"))),
        AuditAction::ActionFailed => format!("{}: {} failed", fact("step"), spaced(&fact("action"))),
        AuditAction::ActionSkipped => format!("{}: {} skipped, its condition is false", fact("step"), spaced(&fact("action"))),
        AuditAction::ActionUnknown => {
            format!("{}: the outcome of {} is unknown; a person must say", fact("step"), spaced(&fact("action")))
        }
        AuditAction::StepResolved => with_reason(format!("{}: said to have {}", fact("step"), fact("outcome")), &fact("reason")),
        AuditAction::TamperingFound => format!("Changed in the database, and not shown: the {} of {target}", fact("what")),
        AuditAction::PlaybookCompleted => format!("Run {target} completed"),
        AuditAction::PlaybookFailed => format!("Run {target} ended: {}", spaced(&fact("status"))),
        other => spaced(&other.as_str().to_lowercase()),
    }
}

fn list(values: &Value) -> String {
    let words: Vec<String> = values.as_array().into_iter().flatten().map(|value| spaced(&text(value))).collect();
    words.join(", ")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn spaced(word: &str) -> String {
    word.replace(['_', '-'], " ")
}

fn with_reason(sentence: String, reason: &str) -> String {
    if reason.is_empty() { sentence } else { format!("{sentence}: {reason}") }
}

fn decided(decision: &str) -> &'static str {
    if decision == "approve" { "approved" } else { "rejected" }
}
