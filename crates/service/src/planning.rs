//! From an incident to the plan that would run: the facts are read here, the rest is decided in `playbooks`.

use api::ProblemCode;
use domain::digest::Digest;
use domain::id::{IncidentId, PlaybookId};
use domain::incident::Incident;
use domain::incident::past::{PAST_FACTS_MAX, PastFacts};
use domain::plan::{Plan, RunMode};
use domain::timestamp::Timestamp;
use playbooks::{Bindings, ByHand, ConnectorBinding, Facts, Library, Past, Playbook, Starter, Terms};
use store::{Poster, Reads, Store, Tx};

use crate::core::Core;
use crate::error::ServiceError;

/// Observables that expressions can see.
const OBSERVABLES_MAX: u64 = 1_000;
/// Where an incident stands, as expressions name it.
const STATE: &str = "incident.state";

/// What expressions see of an incident; `None` if there is none. Of what people did to it nothing is known.
pub async fn facts(store: &Store, id: IncidentId) -> Result<Option<Facts>, ServiceError> {
    let Some(incident) = store.incidents().find(id).await? else { return Ok(None) };
    Ok(Some(seen(store, incident).await?))
}

/// The same, within a change; the incident is locked until it ends.
pub async fn facts_in(tx: &Tx, id: IncidentId) -> Result<Facts, ServiceError> {
    seen(tx, crate::incidents::find(tx, id).await?).await
}

async fn seen<D: Reads>(reads: &D, incident: Incident) -> Result<Facts, ServiceError> {
    let first = reads.alerts().first_of_incident(incident.id).await?.ok_or_else(|| without_alert(&incident))?;
    let observables = reads.alerts().observables_of_incident(incident.id, OBSERVABLES_MAX).await?;
    let by_hand = ByHand { first_alert: first.poster == Poster::Person, ..ByHand::default() };
    Ok(Facts { incident, alert: first.normalised, observables, by_hand, past: Past::default() })
}

/// The facts with all that a plan is judged by: what people had a hand in, and what the incident was before.
pub async fn judged<D: Reads>(reads: &D, core: &Core, facts: Facts) -> Result<Facts, ServiceError> {
    let id = facts.incident.id;
    let kept = reads.incidents().list_past_facts(id).await?;
    let any_alert = !reads.alerts().submitters_of_incident(id).await?.is_empty();
    let by_hand = ByHand {
        any_alert,
        title: kept.iter().any(|past| past.title != facts.incident.title),
        tags: kept.iter().any(|past| past.tags != facts.incident.tags),
        ..facts.by_hand
    };
    if kept.len() > PAST_FACTS_MAX {
        return Ok(Facts { by_hand, past: Past::TooLong, ..facts });
    }
    let inputs = reads.incidents().get_inputs(id).await?;
    let mut alerts = reads.alerts().list_normalised(&kept.iter().map(|past| past.first_alert).collect()).await?;
    let mut past = Vec::with_capacity(kept.len());
    for was in kept {
        let alert = alerts.entry(was.first_alert).or_insert_with(|| facts.alert.clone()).clone();
        past.push((was.judged(&facts.incident, &inputs, &core.rules.scoring), alert));
    }
    Ok(Facts { by_hand, past: Past::Known(past), ..facts })
}

/// Does this version of a playbook read where an incident stands? One that is not there any more may.
pub async fn reads_state<D: Reads>(reads: &D, digest: &Digest) -> Result<bool, ServiceError> {
    let Some(version) = reads.playbook_versions().find(digest).await? else { return Ok(true) };
    Ok(Playbook::from_stored(&version.document, None).map_or(true, |playbook| playbook.reads(STATE)))
}

/// Keeps what a locked incident is before a person changes what playbooks read of it.
pub async fn keep_past(tx: &Tx, before: &Incident) -> Result<(), ServiceError> {
    // A duplicate has no alert any more, and no run either.
    let Some(first) = tx.alerts().first_of_incident(before.id).await? else { return Ok(()) };
    Ok(tx.incidents().keep_past_facts(before.id, &[PastFacts::of(before, first.id)]).await?)
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
