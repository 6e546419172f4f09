//! Alerts, runs, approvals, audit entries and playbooks as rows of a file.

use api::approvals::ApprovalView;
use api::audit::AuditEntryView;
use api::playbooks::PlaybookView;
use domain::alert::Alert;
use domain::run::Run;

use crate::http::export::{Row, cell, joined};

impl Row for Alert {
    const NAME: &'static str = "alerts";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "alert_id",
        "source",
        "incident_id",
        "incident_type",
        "title",
        "source_severity",
        "occurred_at",
        "received_at",
        "duplicates",
        "observables",
        "raw_sha256",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.alert_id.clone(),
            self.source.to_string(),
            cell(self.incident_id),
            self.incident_type.to_string(),
            self.title.clone(),
            cell(self.source_severity),
            cell(self.occurred_at),
            self.received_at.to_string(),
            self.duplicates.to_string(),
            joined(self.observables.iter().map(|observable| format!("{}:{}", observable.kind, observable.value))),
            self.raw_sha256.to_string(),
        ]
    }
}

impl Row for Run {
    const NAME: &'static str = "runs";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "incident_id",
        "playbook_id",
        "playbook_digest",
        "plan_digest",
        "mode",
        "status",
        "requested_by",
        "approval_id",
        "requested_at",
        "started_at",
        "finished_at",
        "error",
        "steps",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.incident_id.to_string(),
            self.playbook_id.to_string(),
            self.playbook_digest.to_string(),
            self.plan_digest.to_string(),
            self.mode.to_string(),
            self.status.to_string(),
            cell(self.requested_by.as_ref().map(|person| &person.username)),
            cell(self.approval_id),
            self.requested_at.to_string(),
            cell(self.started_at),
            cell(self.finished_at),
            cell(self.error.as_ref()),
            joined(self.steps.iter().map(|step| format!("{}:{}", step.id, step.status))),
        ]
    }
}

impl Row for ApprovalView {
    const NAME: &'static str = "approvals";
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "incident_id",
        "run_id",
        "step",
        "status",
        "plan_digest",
        "requested_by",
        "requested_at",
        "expires_at",
        "quorum",
        "reasons",
        "decisions",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.incident_id.to_string(),
            self.run_id.to_string(),
            cell(self.step.as_ref()),
            self.status.to_string(),
            self.plan_digest.to_string(),
            cell(self.requested_by.as_ref().map(|person| &person.username)),
            self.requested_at.to_string(),
            self.expires_at.to_string(),
            self.quorum.to_string(),
            joined(self.reasons.iter().map(|reason| &reason.rule)),
            joined(self.decisions.iter().map(|vote| format!("{} by {}: {}", vote.decision, vote.by.username, vote.reason))),
        ]
    }
}

impl Row for AuditEntryView {
    const NAME: &'static str = "audit-log";
    const COLUMNS: &'static [&'static str] = &[
        "seq",
        "id",
        "at",
        "actor_kind",
        "actor_id",
        "actor_name",
        "action",
        "target_kind",
        "target_id",
        "incident_id",
        "correlation_id",
        "outcome",
        "details",
        "leaf_hash",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.seq.to_string(),
            self.id.to_string(),
            self.at.to_string(),
            self.actor.kind.to_string(),
            cell(self.actor.id.as_ref()),
            cell(self.actor.name.as_ref()),
            self.action.to_string(),
            self.target.kind.to_string(),
            self.target.id.clone(),
            cell(self.incident_id),
            cell(self.correlation_id.as_ref()),
            self.outcome.to_string(),
            self.details.to_string(),
            self.leaf_hash.to_string(),
        ]
    }
}

impl Row for PlaybookView {
    const NAME: &'static str = "playbooks";
    const COLUMNS: &'static [&'static str] = &["id", "name", "description", "digest", "incident_types", "priority"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.name.clone(),
            self.description.clone(),
            self.digest.to_string(),
            joined(&self.incident_types),
            self.priority.to_string(),
        ]
    }
}
