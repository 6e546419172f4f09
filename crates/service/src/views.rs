//! Domain values as callers see them, and pages of them.

use api::audit::{ActorView, AuditEntryView, ErasedDetail, TargetView};
use api::incidents::{IncidentView, TimelineItem};
use api::{ApiError, Page, PageRequest};
use domain::audit::{leaf_hash, shown_details};
use domain::incident::{Incident, RunActivity, allowed_transitions};
use domain::masking::masked;
use domain::run::{Run, Step};
use serde_json::Value;
use store::{AuditEntry, Cursor, Erasure, NamedActor};

use crate::core::Core;
use crate::timeline;

/// The part of a list that the store is asked for.
pub fn page_request(request: &PageRequest) -> Result<store::PageRequest, ApiError> {
    let after = request.cursor.as_deref().map(str::parse::<Cursor>).transpose();
    let after = after.map_err(|error| ApiError::invalid_field("/cursor", error.to_string()))?;
    Ok(store::PageRequest { after, limit: request.limit })
}

/// The same for a list with several orders, whose cursors carry the order's name: one of another order is refused.
pub fn page_request_in(order: &str, request: &PageRequest) -> Result<store::PageRequest, ApiError> {
    let cursor = request.cursor.as_deref().map(|cursor| {
        let of_order = cursor.split_once('~').filter(|(name, _)| *name == order);
        of_order.map(|(_, cursor)| cursor.to_owned())
    });
    if cursor == Some(None) {
        return Err(ApiError::invalid_field("/cursor", "must be the next_cursor of an earlier page in the same order"));
    }
    page_request(&PageRequest { cursor: cursor.flatten(), limit: request.limit })
}

/// The cursor of a list with several orders.
pub fn cursor_in(order: &str, cursor: Cursor) -> String {
    format!("{order}~{cursor}")
}

/// A page of the store as a page of views.
pub fn page_of<T, V>(page: store::Page<T>, view: impl Fn(T) -> V) -> Page<V> {
    Page { items: page.items.into_iter().map(view).collect(), next_cursor: page.next.map(|cursor| cursor.to_string()) }
}

/// An incident with what an analyst may do to it by hand: nothing to a duplicate, whose alerts are elsewhere.
pub fn incident_view(core: &Core, incident: Incident, activity: RunActivity) -> IncidentView {
    let allowed = if incident.merged_into.is_some() { &[] } else { allowed_transitions(incident.state, activity) };
    IncidentView {
        allowed_transitions: allowed.to_vec(),
        sla: core.sla.of(&incident, core.clock.now()),
        merged_into: incident.merged_into,
        version: incident.version,
        severity_label: incident.severity.label().to_owned(),
        id: incident.id,
        title: incident.title,
        incident_type: incident.incident_type,
        state: incident.state,
        severity: incident.severity,
        risk_score: incident.risk_score,
        score: incident.score,
        verdict: incident.verdict,
        verdict_reasons: incident.verdict_reasons,
        assignee: incident.assignee,
        tags: incident.tags,
        analyst_notes: incident.analyst_notes,
        alert_count: incident.alert_count,
        entities: incident.entities,
        created_at: incident.created_at,
        updated_at: incident.updated_at,
        acknowledged_at: incident.acknowledged_at,
        contained_at: incident.contained_at,
        resolved_at: incident.resolved_at,
        closed_at: incident.closed_at,
    }
}

/// A run as people and programs may read it: without the secrets in what its steps were given and answered.
pub fn run_view(run: Run) -> Run {
    let step = |step: Step| Step { input: step.input.map(masked), output: step.output.map(masked), ..step };
    Run { steps: run.steps.into_iter().map(step).collect(), ..run }
}

/// An audit entry with its facts and, while it exists, its detail.
pub fn entry_view(entry: AuditEntry) -> AuditEntryView {
    AuditEntryView {
        leaf_hash: leaf_hash(&entry.leaf),
        details: details(&entry),
        erased: entry.erased.map(erased_view),
        seq: entry.seq,
        id: entry.id,
        at: entry.at,
        actor: actor_view(entry.actor),
        action: entry.action,
        target: TargetView { kind: entry.target.kind, id: entry.target.id },
        incident_id: entry.incident_id,
        correlation_id: entry.correlation_id.map(|id| id.to_string()),
        outcome: entry.outcome,
    }
}

/// An audit entry as one line of an incident's timeline.
pub fn timeline_item(entry: AuditEntry) -> TimelineItem {
    let summary = timeline::summary(entry.action, &details(&entry), &entry.target.id);
    TimelineItem { seq: entry.seq, at: entry.at, action: entry.action, actor: actor_view(entry.actor), summary }
}

fn details(entry: &AuditEntry) -> Value {
    shown_details(entry.facts.clone(), entry.detail.clone())
}

fn erased_view(erasure: Erasure) -> ErasedDetail {
    let reason = erasure.detail.and_then(|detail| detail["reason"].as_str().map(ToOwned::to_owned));
    ErasedDetail { seq: erasure.seq, at: erasure.at, reason }
}

fn actor_view(actor: NamedActor) -> ActorView {
    ActorView { kind: actor.kind, id: actor.id, name: actor.name }
}
