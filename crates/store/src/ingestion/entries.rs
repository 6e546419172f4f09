//! The audit entries of a group: each new alert, and what it did to its incident.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::{AlertId, IncidentId};
use domain::incident::State;
use serde_json::json;

use super::board::NewAlert;

/// The entries of one alert, in order.
pub(super) fn entries_of(alert: &NewAlert<'_>, id: AlertId, incident_id: IncidentId, raw_sha256: &Digest) -> Vec<EntryDraft> {
    let mut entries = vec![ingested(alert, id, incident_id, raw_sha256)];
    match &alert.joined_by {
        Some(_) => entries.push(updated(alert, id, incident_id)),
        None => entries.extend([created(alert, id, incident_id), classified(alert, incident_id)]),
    }
    entries
}

fn ingested(alert: &NewAlert<'_>, id: AlertId, incident_id: IncidentId, raw_sha256: &Digest) -> EntryDraft {
    let inputs = &alert.assessed.inputs;
    EntryDraft::new(&alert.request.origin, AuditAction::AlertIngested, Target::alert(id))
        .incident(incident_id)
        .fact_named("incident_id", incident_id)
        .fact_named("raw_sha256", raw_sha256)
        .fact_named("source", &alert.request.source)
        .fact_named("incident_type", &alert.assessed.incident_type)
        .fact("impact", inputs.impact.value)
        .fact("likelihood", inputs.likelihood.value)
        .fact("confidence", inputs.confidence.value)
}

fn created(alert: &NewAlert<'_>, id: AlertId, incident_id: IncidentId) -> EntryDraft {
    let entry = EntryDraft::new(&alert.request.origin, AuditAction::IncidentCreated, Target::incident(incident_id))
        .incident(incident_id)
        .fact_named("alert_id", id)
        .fact_named("incident_type", &alert.assessed.incident_type);
    scored(entry, alert)
}

fn updated(alert: &NewAlert<'_>, id: AlertId, incident_id: IncidentId) -> EntryDraft {
    let entry = EntryDraft::new(&alert.request.origin, AuditAction::IncidentUpdated, Target::incident(incident_id))
        .incident(incident_id)
        .fact_named("alert_id", id)
        .fact("alert_count", alert.alert_count);
    let joined_by = alert.joined_by.as_ref().map(|key| json!({"kind": key.kind, "value": key.value}));
    scored(entry, alert).detail(json!({"joined_by": joined_by}))
}

fn scored(entry: EntryDraft, alert: &NewAlert<'_>) -> EntryDraft {
    entry
        .fact("risk_score", alert.snapshot.risk_score)
        .fact_named("severity", alert.snapshot.severity)
        .fact_named("scoring_digest", alert.request.rules.scoring_digest)
}

/// The first move of every incident: it was scored as it was made, so `new` is over before anybody sees it.
fn classified(alert: &NewAlert<'_>, incident_id: IncidentId) -> EntryDraft {
    let origin = Origin { correlation_id: alert.request.origin.correlation_id.clone(), ..Origin::system() };
    EntryDraft::new(&origin, AuditAction::StateChanged, Target::incident(incident_id))
        .incident(incident_id)
        .fact_named("from", State::New)
        .fact_named("to", State::Classified)
}
