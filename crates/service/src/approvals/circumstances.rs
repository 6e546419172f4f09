//! What an approver should know beside the plan: its targets and where else they are in question, the evidence, how plans of the
//! same playbook were decided before.

use api::approvals::{
    Circumstances, EVIDENCE_ALERTS_MAX, IncidentMention, OTHER_INCIDENTS_MAX, PastDecision, SIMILAR_DECISIONS_MAX, TargetStanding,
};
use api::{Caller, ProblemCode};
use domain::approval::Approval;
use domain::id::{ApprovalId, IncidentId};
use domain::incident::{Incident, State};
use domain::incident_filter::{IncidentFilter, ObservableFilter};
use domain::observable::ObservableKind;
use domain::plan::{PlanTarget, PlannedAction, targets};
use store::{IncidentSelection, PageRequest};

use super::plans;
use crate::core::Core;
use crate::error::ServiceError;
use crate::tampering;

/// The circumstances of this approval; `not-found` if there is none.
pub async fn load(core: &Core, caller: &Caller, id: ApprovalId) -> Result<Circumstances, ServiceError> {
    let store = &core.store;
    let found = store.approvals().find(id).await?;
    let approval = found.ok_or_else(|| ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist")))?;
    let incident = store.incidents().get(approval.incident_id).await?;
    let past = decided_before(core, &approval).await?;
    let aims = targets_of(core, caller, &approval).await?;
    Ok(Circumstances {
        similar: similar(core, caller, (past, &aims)).await?,
        targets: standings(core, incident.id, aims).await?,
        verdict: incident.verdict,
        verdict_reasons: incident.verdict_reasons,
        alerts: store.alerts().list_of_incident(approval.incident_id, EVIDENCE_ALERTS_MAX).await?,
    })
}

/// What a stored plan, or what is left of one at a gate, aims at; nothing is said of one that was changed.
async fn targets_of(core: &Core, caller: &Caller, approval: &Approval) -> Result<Vec<PlanTarget>, ServiceError> {
    let mut plan = match plans::of_approval(&core.store, approval).await? {
        Ok(plan) => plan,
        Err(finding) => {
            tampering::report(core, &tampering::found_by(caller), vec![finding]).await?;
            return Ok(Vec::new());
        }
    };
    let corrupt = |error: serde_json::Error| ServiceError::Corrupt(error.to_string());
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

/// The newest decisions on other plans of the same playbook.
async fn decided_before(core: &Core, approval: &Approval) -> Result<Vec<Approval>, ServiceError> {
    let run = core.store.runs().get(approval.run_id).await?;
    // One more, since this very approval may be among them.
    let decided = core.store.approvals().list_decided_of_playbook(&run.playbook_id, u64::from(SIMILAR_DECISIONS_MAX) + 1).await?;
    Ok(decided.into_iter().filter(|past| past.id != approval.id).take(SIMILAR_DECISIONS_MAX as usize).collect())
}

async fn similar(
    core: &Core,
    caller: &Caller,
    (decided, aims): (Vec<Approval>, &[PlanTarget]),
) -> Result<Vec<PastDecision>, ServiceError> {
    let mut similar = Vec::with_capacity(decided.len());
    for past in decided {
        let theirs = targets_of(core, caller, &past).await?;
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
