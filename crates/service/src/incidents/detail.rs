//! One incident with everything that belongs to it, the newest of each.

use api::Caller;
use api::incidents::IncidentDetail;
use domain::id::IncidentId;
use domain::incident::RunActivity;
use domain::plan::RunMode;
use store::{AuditFilter, AuditOrder, PageRequest};

use super::{containment, related};
use crate::approvals;
use crate::core::Core;
use crate::error::ServiceError;
use crate::views::{incident_view, run_view, timeline_item};

/// Of each kind of thing this many are shown, the newest.
const SHOWN_MAX: u32 = 100;

/// Everything about this incident; `None` if there is none.
pub async fn load(core: &Core, caller: &Caller, id: IncidentId) -> Result<Option<IncidentDetail>, ServiceError> {
    let store = &core.store;
    let Some(incident) = store.incidents().find(id).await? else { return Ok(None) };
    let limit = u64::from(SHOWN_MAX);
    let runs = store.runs().list_of_incident(id, limit).await?;
    let active = runs.iter().any(|run| run.mode == RunMode::Live && run.status.is_active());
    let timeline =
        store.audit().list(AuditFilter::OfIncident(id), AuditOrder::NewestFirst, PageRequest::first(SHOWN_MAX)).await?;
    let approvals = store.approvals().list_of_incident(id, limit).await?;
    let approvals = approvals::views(&core.store, core.store.now().await?, caller, approvals).await?;
    approvals::report_changed(core, caller, &approvals).await?;
    let observables = store.alerts().observables_of_incident(id, limit).await?;
    let related = related::load(core, id, &observables).await?;
    Ok(Some(IncidentDetail {
        incident: incident_view(core, incident, if active { RunActivity::Active } else { RunActivity::Idle }),
        alerts: store.alerts().list_of_incident(id, limit).await?,
        containments: containment::load(core, &observables).await?,
        observables,
        enrichments: Vec::new(),
        runs: runs.into_iter().map(run_view).collect(),
        approvals,
        tasks: store.tasks().list_of_incident(id, limit).await?,
        evidence: store.evidence_files().list_of_incident(id, limit).await?,
        seen_elsewhere: related.seen_elsewhere,
        similar: related.similar,
        notes: store.notes().list_of_incident(id, limit).await?,
        timeline: timeline.items.into_iter().map(timeline_item).collect(),
    }))
}
