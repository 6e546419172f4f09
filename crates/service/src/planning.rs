//! From an incident to the plan that would run: the facts are read here, the rest is decided in `playbooks`.

use api::ProblemCode;
use domain::id::{IncidentId, PlaybookId};
use domain::incident::Incident;
use domain::plan::{Plan, RunMode};
use domain::timestamp::Timestamp;
use playbooks::{Bindings, ConnectorBinding, Facts, Library, Playbook, Starter, Terms};
use store::{Store, Tx};

use crate::core::Core;
use crate::error::ServiceError;

/// Observables that expressions can see.
const OBSERVABLES_MAX: u64 = 1_000;

/// What expressions see of an incident; `None` if there is none.
pub async fn facts(store: &Store, id: IncidentId) -> Result<Option<Facts>, ServiceError> {
    let Some(incident) = store.incidents().find(id).await? else { return Ok(None) };
    let alert = store.alerts().first_of_incident(id).await?.ok_or_else(|| without_alert(&incident))?;
    let observables = store.alerts().observables_of_incident(id, OBSERVABLES_MAX).await?;
    Ok(Some(Facts { incident, alert, observables }))
}

/// The same, within a change; the incident is locked until it ends.
pub async fn facts_in(tx: &Tx, id: IncidentId) -> Result<Facts, ServiceError> {
    let incident = crate::incidents::find(tx, id).await?;
    let alert = tx.alerts().first_of_incident(id).await?.ok_or_else(|| without_alert(&incident))?;
    let observables = tx.alerts().observables_of_incident(id, OBSERVABLES_MAX).await?;
    Ok(Facts { incident, alert, observables })
}

/// A duplicate gave its alerts away; every other incident has one.
fn without_alert(incident: &Incident) -> ServiceError {
    match incident.merged_into {
        Some(into) => ServiceError::refuse(ProblemCode::NoPlaybook, format!("{} was merged into {into}", incident.id)),
        None => ServiceError::Corrupt(format!("{} has no alert", incident.id)),
    }
}

/// The plan of this playbook, or of the proposed one.
pub fn plan(
    core: &Core,
    facts: &Facts,
    playbook_id: Option<&PlaybookId>,
    (mode, starter): (RunMode, Starter),
) -> Result<Plan, ServiceError> {
    let now = core.clock.now();
    let library = core.shelf.library();
    let playbook = choose(&library, facts, playbook_id, now)?;
    let terms = Terms { mode, starter, bindings: &CoreBindings(core) };
    playbooks::plan(playbook, facts, &terms, now).map_err(|error| ServiceError::Invalid(error.errors))
}

fn choose<'a>(
    library: &'a Library,
    facts: &Facts,
    playbook_id: Option<&PlaybookId>,
    now: Timestamp,
) -> Result<&'a Playbook, ServiceError> {
    match playbook_id {
        Some(id) => library.find(id).ok_or_else(|| ServiceError::invalid("/playbook_id", format!("there is no playbook {id}"))),
        None => library
            .propose(facts, now)
            .ok_or_else(|| ServiceError::refuse(ProblemCode::NoPlaybook, "no playbook fits this incident's type and conditions")),
    }
}

/// Which connector stands behind which action, for plans.
pub struct CoreBindings<'a>(pub &'a Core);

impl Bindings for CoreBindings<'_> {
    fn binding(&self, action: domain::action::Action, mode: RunMode) -> ConnectorBinding {
        let connector = self.0.registry.of(action, mode);
        ConnectorBinding { connector: connector.name().to_owned(), revision: connector.revision() }
    }
}
