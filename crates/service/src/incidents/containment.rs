//! What holds the entities of an incident now, whichever incident's run took hold of them. The rule is in `domain::containment`.

use std::collections::BTreeMap;

use domain::containment::{Containment, Done, entity_of, in_force};
use domain::id::IncidentId;
use domain::observable::Observable;
use domain::search;
use domain::timestamp::Timestamp;
use playbooks::duration::Duration;
use store::Effect;

use crate::core::Core;
use crate::error::ServiceError;

/// The connector that does nothing.
const SIMULATED: &str = "simulated";
/// The parameter that says how long it holds.
const DURATION: &str = "duration";

/// What is held of these entities.
pub async fn load(core: &Core, observables: &[Observable]) -> Result<Vec<Containment>, ServiceError> {
    let by_term: BTreeMap<String, &Observable> =
        observables.iter().map(|seen| (search::term_of_observable(seen.kind, &seen.value), seen)).collect();
    let terms: Vec<String> = by_term.keys().cloned().collect();
    let effects = core.store.effects().list_done_to(&terms).await?;
    let done: Vec<Done> = effects.iter().filter_map(|(effect, incident_id)| done(effect, *incident_id, &by_term)).collect();
    Ok(in_force(&done, core.store.now().await?))
}

fn done(effect: &Effect, incident_id: IncidentId, by_term: &BTreeMap<String, &Observable>) -> Option<Done> {
    let (kind, value) = entity_of(effect.action, &effect.input)?;
    let seen = by_term.get(&search::term_of_observable(kind, value))?;
    Some(Done {
        incident_id,
        run_id: effect.run_id,
        action: effect.action,
        kind,
        value: seen.value.clone(),
        at: effect.started_at,
        until: ends_by_itself(effect),
        simulated: effect.connector == SIMULATED,
    })
}

fn ends_by_itself(effect: &Effect) -> Option<Timestamp> {
    let duration: Duration = effect.input.get(DURATION)?.as_str()?.parse().ok()?;
    Some(effect.started_at.plus_ms(i64::from(duration.seconds()) * 1_000))
}
