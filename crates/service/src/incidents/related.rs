//! What an incident shares with others: how often its observables were seen elsewhere, and the incidents that share most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use api::incidents::{SeenElsewhere, SimilarIncident};
use domain::id::IncidentId;
use domain::incident::Incident;
use domain::observable::Observable;

use crate::core::Core;
use crate::error::ServiceError;

/// Observables that are looked for elsewhere.
const COMPARED_MAX: usize = 50;
/// Similar incidents that are shown.
const SIMILAR_MAX: usize = 10;

/// What an incident shares with others.
pub struct Related {
    pub seen_elsewhere: Vec<SeenElsewhere>,
    pub similar: Vec<SimilarIncident>,
}

/// What this incident shares with others through these observables.
pub async fn load(core: &Core, id: IncidentId, observables: &[Observable]) -> Result<Related, ServiceError> {
    let mut compared: Vec<Observable> = Vec::new();
    for observable in observables {
        if compared.len() < COMPARED_MAX
            && !compared.iter().any(|other| other.kind == observable.kind && other.value == observable.value)
        {
            compared.push(observable.clone());
        }
    }
    let others = core.store.incidents().list_sharing(id, &compared).await?;
    let seen = compared.iter().zip(&others).filter(|(_, others)| !others.is_empty());
    let seen_elsewhere = seen.clone().map(|(observable, others)| SeenElsewhere {
        kind: observable.kind,
        value: observable.value.clone(),
        incidents: u32::try_from(others.len()).unwrap_or(u32::MAX),
    });
    let seen_elsewhere = seen_elsewhere.collect();
    let mut shared: BTreeMap<IncidentId, Vec<Observable>> = BTreeMap::new();
    for (observable, others) in seen {
        for other in others {
            shared.entry(*other).or_default().push(observable.clone());
        }
    }
    Ok(Related { seen_elsewhere, similar: similar(core, shared).await? })
}

/// Those that share most, then the newest.
async fn similar(core: &Core, shared: BTreeMap<IncidentId, Vec<Observable>>) -> Result<Vec<SimilarIncident>, ServiceError> {
    let mut ranked: Vec<(IncidentId, Vec<Observable>)> = shared.into_iter().collect();
    ranked.sort_by_key(|(id, shared)| Reverse((shared.len(), *id)));
    ranked.truncate(SIMILAR_MAX);
    let ids: Vec<IncidentId> = ranked.iter().map(|(id, _)| *id).collect();
    let incidents = core.store.incidents().list_by_ids(&ids).await?;
    let mut by_id: HashMap<IncidentId, Incident> = incidents.into_iter().map(|incident| (incident.id, incident)).collect();
    let view = |(id, shared)| by_id.remove(&id).map(|incident| view(incident, shared));
    Ok(ranked.into_iter().filter_map(view).collect())
}

fn view(incident: Incident, shared: Vec<Observable>) -> SimilarIncident {
    SimilarIncident {
        id: incident.id,
        title: incident.title,
        incident_type: incident.incident_type,
        state: incident.state,
        severity: incident.severity,
        verdict: incident.verdict,
        created_at: incident.created_at,
        shared,
    }
}
