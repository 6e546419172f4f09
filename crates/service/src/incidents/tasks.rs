//! Tasks of incidents: added, changed, done.

use api::incidents::{TaskPatch, TaskRequest};
use api::version::{ExpectedVersion, version_of};
use api::{Caller, ProblemCode};
use domain::access::Denied;
use domain::alert::FieldError;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::{IncidentId, TaskId};
use domain::incident::{Incident, State, next_by_hand};
use domain::task::{TASK_TITLE_LIMITS, TASKS_MAX, Task};
use domain::timestamp::Timestamp;
use serde_json::json;
use store::{NewTask, Trail, Tx};

use super::{editing, find};
use crate::core::{Core, kept, origin};
use crate::error::{ServiceError, check_expected};

/// Adds a task to an incident that is not closed.
pub async fn add(core: &Core, caller: &Caller, id: IncidentId, request: TaskRequest) -> Result<Task, ServiceError> {
    let author = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.clone();
    let mut errors = check_title(Some(&request.title));
    let assignee = match &request.assignee {
        Some(name) => editing::find_assignee(core, name).await?.map_err(|error| errors.push(error)).ok(),
        None => None,
    };
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let (origin, at) = (origin(caller), core.clock.now());
    let title = request.title.trim().to_owned();
    let new = NewTask {
        incident_id: id,
        title: title.clone(),
        assignee: assignee.as_ref().map(|person| person.id),
        created_by: Some(author.id),
        created_at: at,
    };
    let with_id = move |task_id| Task {
        id: task_id,
        incident_id: id,
        title,
        assignee,
        done: false,
        created_by: Some(author),
        created_at: at,
        done_at: None,
    };
    let write = move |tx: Tx| async move {
        let added = insert(&tx, new, (&origin, at)).await?.map(with_id);
        Ok::<_, ServiceError>(added.answering(&origin, kept))
    };
    core.store.write(write).await
}

/// Adds the task, if the incident is not closed and has room for it.
pub async fn insert(tx: &Tx, new: NewTask, (origin, at): (&Origin, Timestamp)) -> Result<Trail<TaskId>, ServiceError> {
    let incident = find(tx, new.incident_id).await?;
    check_not_closed(&incident)?;
    if tx.tasks().count_of_incident(incident.id).await? >= TASKS_MAX {
        return Err(ServiceError::invalid("", format!("an incident has at most {TASKS_MAX} tasks")));
    }
    let id = tx.tasks().insert(&new).await?;
    let entry = entry(origin, AuditAction::TaskAdded, (incident.id, id))
        .fact("assignee", new.assignee.map(|id| id.to_string()))
        .detail(json!({ "title": new.title }));
    touch(tx, incident, at).await?;
    Ok(Trail::new(id, vec![entry]))
}

/// Changes a task of an incident that is not closed.
pub async fn update(
    core: &Core,
    caller: &Caller,
    (id, patch, expected): (TaskId, TaskPatch, ExpectedVersion),
) -> Result<Task, ServiceError> {
    let mut errors = check_title(patch.title.as_deref());
    let assignee = match &patch.assignee {
        Some(Some(name)) => editing::find_assignee(core, name).await?.map_err(|error| errors.push(error)).ok().map(Some),
        Some(None) => Some(None),
        None => None,
    };
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    let (origin, at) = (origin(caller), core.clock.now());
    let change = move |task: Task| {
        check_expected(&expected, version_of(&task), id)?;
        let title = patch.title.as_ref().map_or_else(|| task.title.clone(), |title| title.trim().to_owned());
        let done = patch.done.unwrap_or(task.done);
        let assignee = assignee.unwrap_or_else(|| task.assignee.clone());
        Ok(Task { title, assignee, ..task }.with_done(done, at))
    };
    core.store.write(move |tx| async move { save(&tx, id, change, (&origin, at)).await }).await
}

async fn save(
    tx: &Tx,
    id: TaskId,
    change: impl FnOnce(Task) -> Result<Task, ServiceError>,
    (origin, at): (&Origin, Timestamp),
) -> Result<Trail<Task>, ServiceError> {
    let lost = || ServiceError::refuse(ProblemCode::NotFound, format!("{id} does not exist"));
    let incident = find(tx, tx.tasks().find(id).await?.ok_or_else(lost)?.incident_id).await?;
    // Once more, now that the incident is locked.
    let before = tx.tasks().find(id).await?.ok_or_else(lost)?;
    check_not_closed(&incident)?;
    let after = change(before.clone())?;
    if after == before {
        return Ok(Trail::unchanged(before));
    }
    tx.tasks().save(&after).await?;
    let id_of = |task: &Task| task.assignee.as_ref().map(|person| person.id.to_string());
    let entry = entry(origin, AuditAction::TaskChanged, (incident.id, id))
        .fact("status", if after.done { "done" } else { "open" })
        .fact("assignee_from", id_of(&before))
        .fact("assignee_to", id_of(&after))
        .detail(json!({ "title": after.title }));
    touch(tx, incident, at).await?;
    Ok(Trail::new(after, vec![entry]))
}

fn entry(origin: &Origin, action: AuditAction, (incident_id, task_id): (IncidentId, TaskId)) -> EntryDraft {
    EntryDraft::new(origin, action, Target::incident(incident_id)).incident(incident_id).fact_named("task_id", task_id)
}

/// A human act on the incident.
async fn touch(tx: &Tx, incident: Incident, at: Timestamp) -> Result<(), ServiceError> {
    let from = incident.state;
    Ok(tx.incidents().save_state(&incident.acknowledged(at), from).await?)
}

fn check_title(title: Option<&str>) -> Vec<FieldError> {
    let fault = title.and_then(|title| TASK_TITLE_LIMITS.check(title).err());
    fault.into_iter().map(|fault| FieldError::new("/title", fault.to_string())).collect()
}

fn check_not_closed(incident: &Incident) -> Result<(), ServiceError> {
    if incident.state != State::Closed {
        return Ok(());
    }
    let allowed = if incident.merged_into.is_some() { Vec::new() } else { next_by_hand(incident.state).to_vec() };
    let detail = format!("{} is closed; reopen it first", incident.id);
    let refused = api::ApiError { allowed: Some(allowed), ..api::ApiError::new(ProblemCode::IllegalTransition, detail) };
    Err(ServiceError::Answer(Box::new(refused)))
}
