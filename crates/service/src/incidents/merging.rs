//! Merging a duplicate into another incident: its alerts go there, and it is closed for good.

use api::{ApiError, Caller, ProblemCode};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::IncidentId;
use domain::incident::merging::{may_be_merged, may_take_duplicate};
use domain::incident::{IllegalTransition, Incident, State, next_by_hand};
use serde_json::json;
use store::{Merged, Trail, Tx};

use super::{find, moving, state_entry};
use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::planning;

/// Merges, if no run holds either of them; answers with the incident that took the alerts.
pub async fn merge(
    core: &Core,
    tx: &Tx,
    caller: &Caller,
    (id, into): (IncidentId, IncidentId),
) -> Result<Trail<Incident>, ServiceError> {
    if id == into {
        return Err(ServiceError::invalid("/into", "must be another incident"));
    }
    let (duplicate, target) = locked(tx, id, into).await?;
    check(tx, &duplicate, &target).await?;
    let (origin, at) = (origin(caller), core.clock.now());
    let inputs = tx.incidents().get_inputs(into).await?.joined_with(tx.incidents().get_inputs(id).await?);
    let merged = target.clone().absorbing(&duplicate, at).rescored(&inputs, &core.rules.scoring);
    let entries = vec![
        merged_entry(&origin, Target::incident(id), &duplicate, &merged).incident(id),
        state_entry(&origin, &duplicate, State::Closed).detail(json!({ "reason": format!("duplicate of {into}") })),
        merged_entry(&origin, Target::incident(into), &duplicate, &merged).incident(into),
    ];
    carry_past(tx, &duplicate, &target).await?;
    let from = duplicate.state;
    let closed = duplicate.merged_into(&merged).moved(State::Closed, at);
    let scoring = &core.rules.scoring_digest;
    tx.incidents().save_merge(&Merged { duplicate: &closed, into: &merged, inputs: &inputs, scoring }).await?;
    tx.incidents().save_state(&closed, from).await?;
    // Whoever brings alerts into an incident contributes to what is asked for on it.
    let mergers: Vec<_> = caller.actor.as_user().map(|person| person.user.id).into_iter().collect();
    tx.incidents().add_contributors(into, &mergers).await?;
    Ok(Trail::new(Incident { version: merged.version + 1, ..merged }, entries))
}

/// Both, locked in the order of their ids, so that two merges at once do not wait for each other.
async fn locked(tx: &Tx, id: IncidentId, into: IncidentId) -> Result<(Incident, Incident), ServiceError> {
    let target = async || {
        let found = tx.incidents().find(into).await?;
        found.ok_or_else(|| ServiceError::invalid("/into", format!("{into} does not exist")))
    };
    if id < into {
        let duplicate = find(tx, id).await?;
        return Ok((duplicate, target().await?));
    }
    let target = target().await;
    Ok((find(tx, id).await?, target?))
}

async fn check(tx: &Tx, duplicate: &Incident, target: &Incident) -> Result<(), ServiceError> {
    for incident in [duplicate, target] {
        moving::check_is_free(tx, incident).await?;
    }
    if !may_be_merged(duplicate.state) {
        let allowed = next_by_hand(duplicate.state).iter().copied().filter(|state| *state != State::Closed).collect();
        return Err(IllegalTransition { from: duplicate.state, to: State::Closed, allowed }.into());
    }
    if !may_take_duplicate(target.state) {
        let detail = format!("{} is closed; reopen it first", target.id);
        let allowed = Some(next_by_hand(target.state).to_vec());
        let refused = ApiError { allowed, ..ApiError::new(ProblemCode::IllegalTransition, detail) };
        return Err(ServiceError::Answer(Box::new(refused)));
    }
    Ok(())
}

/// What either of them was before the merge asks for signatures after it.
async fn carry_past(tx: &Tx, duplicate: &Incident, target: &Incident) -> Result<(), ServiceError> {
    let movers = tx.incidents().movers(duplicate.id).await?;
    tx.incidents().add_movers(target.id, &movers).await?;
    planning::keep_past(tx, target).await?;
    planning::keep_past(tx, duplicate).await?;
    let past = tx.incidents().list_past_facts(duplicate.id).await?;
    Ok(tx.incidents().keep_past_facts(target.id, &past).await?)
}

fn merged_entry(origin: &Origin, target: Target, duplicate: &Incident, into: &Incident) -> EntryDraft {
    EntryDraft::new(origin, AuditAction::IncidentMerged, target)
        .fact_named("merged", duplicate.id)
        .fact_named("into", into.id)
        .fact("alerts", duplicate.alert_count)
        .fact("risk_score", into.risk_score)
        .fact_named("severity", into.severity)
}
