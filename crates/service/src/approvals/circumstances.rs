//! What an approver should know beside the plan: its targets and where else they are in question, the evidence, how plans of the
//! same playbook were decided before.

use api::ProblemCode;
use api::approvals::{
    Circumstances, EVIDENCE_ALERTS_MAX, IncidentMention, OTHER_INCIDENTS_MAX, PastDecision, SIMILAR_DECISIONS_MAX, TargetStanding,
};
use domain::approval::Approval;
use domain::digest::Digest;
use domain::id::{ApprovalId, IncidentId};
use domain::incident::{Incident, State};
use domain::incident_filter::{IncidentFilter, ObservableFilter};
use domain::observable::ObservableKind;
use domain::plan::{PlanTarget, PlannedAction, targets};
use serde_json::Value;
use store::{IncidentSelection, PageRequest};

use crate::core::Core;
use crate::error::ServiceError;

/// The circumstances of this approval; `not-found` if there is none.
pub async fn load(core: &Core, id: ApprovalId) -> Result<Circumstances, ServiceError> {
    let store = &core.store;
    let found = store.approvals().find(id).await?;
    let approval = found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))?;
    let incident = store.incidents().get(approval.incident_id).await?;
    let aims = targets_of(core, &approval.plan_digest).await?;
    Ok(Circumstances {
        similar: similar(core, &approval, &aims).await?,
        targets: standings(core, incident.id, aims).await?,
        verdict: incident.verdict,
        verdict_reasons: incident.verdict_reasons,
        alerts: store.alerts().list_of_incident(approval.incident_id, EVIDENCE_ALERTS_MAX).await?,
    })
}

/// What a stored plan, or what is left of one at a gate, aims at.
async fn targets_of(core: &Core, digest: &Digest) -> Result<Vec<PlanTarget>, ServiceError> {
    let body = core.store.plans().get_body(digest).await?;
    let corrupt = |error: serde_json::Error| ServiceError::Corrupt(error.to_string());
    let mut plan: Value = serde_json::from_str(&body).map_err(corrupt)?;
    let steps: Vec<PlannedAction> = serde_json::from_value(plan["actions"].take()).map_err(corrupt)?;
    Ok(targets(&steps))
}

async fn standings(core: &Core, of: IncidentId, aims: Vec<PlanTarget>) -> Result<Vec<TargetStanding>, ServiceError> {
    let mut standings = Vec::with_capacity(aims.len());
    for target in aims {
        let incidents = others(core, of, &target).await?;
        standings.push(TargetStanding { target, incidents });
    }
    Ok(standings)
}

async fn similar(core: &Core, approval: &Approval, aims: &[PlanTarget]) -> Result<Vec<PastDecision>, ServiceError> {
    let run = core.store.runs().get(approval.run_id).await?;
    // One more, since this very approval may be among them.
    let decided = core.store.approvals().list_decided_of_playbook(&run.playbook_id, u64::from(SIMILAR_DECISIONS_MAX) + 1).await?;
    let mut similar = Vec::new();
    for past in decided.into_iter().filter(|past| past.id != approval.id).take(SIMILAR_DECISIONS_MAX as usize) {
        let theirs = targets_of(core, &past.plan_digest).await?;
        let is_ours = |target: &PlanTarget| aims.iter().any(|aim| aim.parameter == target.parameter && aim.value == target.value);
        similar.push(PastDecision {
            id: past.id,
            incident: mention(core.store.incidents().get(past.incident_id).await?),
            status: past.status,
            decisions: past.decisions,
            requested_at: past.requested_at,
            same_target: theirs.iter().any(is_ours),
        });
    }
    Ok(similar)
}

/// Other open incidents in whose alerts the target was seen, the newest first.
async fn others(core: &Core, of: IncidentId, target: &PlanTarget) -> Result<Vec<IncidentMention>, ServiceError> {
    let filter = IncidentFilter {
        state: State::ALL.iter().copied().filter(|state| state.is_open()).collect(),
        observable: vec![ObservableFilter { kind: kind_of(&target.parameter), value: target.value.clone() }],
        ..IncidentFilter::default()
    };
    let selection = IncidentSelection { filter, ..IncidentSelection::newest_first() };
    // One more, since this very incident may be among them.
    let found = core.store.incidents().list(&selection, PageRequest::first(OTHER_INCIDENTS_MAX + 1)).await?;
    let others = found.items.into_iter().filter(|incident| incident.id != of);
    Ok(others.take(OTHER_INCIDENTS_MAX as usize).map(mention).collect())
}

/// What a parameter of this name holds; any kind if it says nothing.
fn kind_of(parameter: &str) -> Option<ObservableKind> {
    parameter.parse().ok()
}

fn mention(incident: Incident) -> IncidentMention {
    IncidentMention { id: incident.id, title: incident.title, severity: incident.severity, state: incident.state }
}
