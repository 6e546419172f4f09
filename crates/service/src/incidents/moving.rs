//! Moving an incident by hand: the table of states, and what closing asks for beside it.

use api::incidents::TransitionRequest;
use api::{Caller, ProblemCode};
use domain::alert::FieldError;
use domain::id::IncidentId;
use domain::incident::editing::{GivenVerdict, IncidentEdit};
use domain::incident::{
    IllegalTransition, Incident, State, TRANSITION_REASON_LIMITS, check_by_hand, reason_required, verdict_required,
};
use serde_json::json;
use store::{Trail, Tx};

use super::editing::{self, Editor};
use super::{find, state_entry};
use crate::core::{Core, origin};
use crate::error::ServiceError;
use crate::planning;

/// Moves it, after everything that the move asks for was checked; all that is missing is told at once.
pub async fn by_hand(
    core: &Core,
    tx: &Tx,
    caller: &Caller,
    (id, request): (IncidentId, TransitionRequest),
) -> Result<Trail<Incident>, ServiceError> {
    let (origin, at) = (origin(caller), core.clock.now());
    let incident = find(tx, id).await?;
    check_is_free(tx, &incident).await?;
    check_by_hand(incident.state, request.to)?;
    let reason = checked(&incident, &request)?;
    check_tasks(tx, &incident, request.to).await?;
    let (incident, mut entries) = match (request.verdict, &reason) {
        (Some(verdict), Some(reason)) => {
            let given = GivenVerdict { verdict, reason: reason.clone() };
            let edit = IncidentEdit { verdict: Some(given), ..IncidentEdit::default() };
            editing::apply(core, tx, &Editor::caller(caller)?, (incident, edit)).await?
        }
        _ => (incident, Vec::new()),
    };
    entries.push(state_entry(&origin, &incident, request.to).detail(json!({ "reason": reason })));
    let from = incident.state;
    planning::keep_past(tx, &incident).await?;
    let mover: Vec<_> = caller.actor.as_user().map(|person| person.user.id).into_iter().collect();
    tx.incidents().add_movers(incident.id, &mover).await?;
    let moved = incident.moved(request.to, at);
    tx.incidents().save_state(&moved, from).await?;
    Ok(Trail::new(Incident { version: moved.version + 1, ..moved }, entries))
}

/// No run holds it, and it is no duplicate, whose alerts are elsewhere.
pub async fn check_is_free(tx: &Tx, incident: &Incident) -> Result<(), ServiceError> {
    if tx.runs().active_of_incident(incident.id).await?.is_some() {
        return Err(ServiceError::refuse(ProblemCode::RunActive, "a run is active; cancel it first"));
    }
    if let Some(into) = incident.merged_into {
        let refused = api::ApiError {
            allowed: Some(Vec::new()),
            ..api::ApiError::new(ProblemCode::IllegalTransition, format!("{} was merged into {into}", incident.id))
        };
        return Err(ServiceError::Answer(Box::new(refused)));
    }
    Ok(())
}

/// The reason, if there is one; or every field that is missing or wrong.
fn checked(incident: &Incident, request: &TransitionRequest) -> Result<Option<String>, ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |pointer: &str, detail: String| errors.push(FieldError::new(pointer, detail));
    let needed = reason_required(incident.state, request.to) || request.verdict.is_some();
    let reason = request.reason.as_deref().map(str::trim).filter(|reason| needed || !reason.is_empty());
    match reason {
        Some(reason) => {
            if let Err(error) = TRANSITION_REASON_LIMITS.check(reason) {
                refuse("/reason", error.to_string());
            }
        }
        None if needed => refuse("/reason", "is required for this move".to_owned()),
        None => {}
    }
    let verdict = request.verdict.unwrap_or(incident.verdict);
    match request.to {
        to if verdict_required(incident.state, to, verdict) => {
            refuse("/verdict", "is required to close it: benign, suspicious or malicious".to_owned());
        }
        State::Closed => {}
        _ if request.verdict.is_some() => refuse("/verdict", "is given only with the move to closed".to_owned()),
        _ => {}
    }
    if errors.is_empty() { Ok(reason.map(ToOwned::to_owned)) } else { Err(ServiceError::Invalid(errors)) }
}

/// What was resolved is closed only when nothing remains to be done.
async fn check_tasks(tx: &Tx, incident: &Incident, to: State) -> Result<(), ServiceError> {
    if (incident.state, to) != (State::Resolved, State::Closed) {
        return Ok(());
    }
    let open = tx.tasks().count_open_of_incident(incident.id).await?;
    if open == 0 {
        return Ok(());
    }
    let illegal = IllegalTransition { from: incident.state, to, allowed: vec![State::Classified] };
    let detail = format!("{open} of its tasks are open; do them first");
    let refused = api::ApiError { allowed: Some(illegal.allowed), ..api::ApiError::new(ProblemCode::IllegalTransition, detail) };
    Err(ServiceError::Answer(Box::new(refused)))
}
