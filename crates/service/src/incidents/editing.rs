//! What an analyst changes of an incident besides its state: title, notes, assignee, tags, verdict.

use api::incidents::IncidentPatch;
use api::version::ExpectedVersion;
use api::{ApiError, Caller};
use domain::access::{Denied, Role};
use domain::alert::FieldError;
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::digest::Digest;
use domain::id::{IncidentId, UserId};
use domain::incident::editing::{GivenVerdict, IncidentEdit, IncidentField};
use domain::incident::{Incident, RunActivity};
use domain::user::UserRef;
use serde_json::json;
use store::{Account, Trail, Tx};

use super::find;
use crate::core::{Core, origin};
use crate::error::{ServiceError, check_expected};
use crate::planning;

/// The edit that a patch asks for, with its assignee found, or everything that is wrong with it.
pub async fn checked(core: &Core, patch: IncidentPatch) -> Result<IncidentEdit, ApiError> {
    let mut errors = Vec::new();
    let assignee = match patch.assignee {
        Some(Some(name)) => find_assignee(core, &name).await?.map_err(|error| errors.push(error)).ok().map(Some),
        Some(None) => Some(None),
        None => None,
    };
    let verdict = match (patch.verdict, patch.verdict_reason) {
        (Some(verdict), Some(reason)) => Some(GivenVerdict { verdict, reason }),
        (Some(_), None) => {
            errors.push(FieldError::new("/verdict_reason", "is required with a verdict"));
            None
        }
        (None, Some(_)) => {
            errors.push(FieldError::new("/verdict_reason", "stands only beside a verdict"));
            None
        }
        (None, None) => None,
    };
    let edit = IncidentEdit { title: patch.title, analyst_notes: patch.analyst_notes, assignee, tags: patch.tags, verdict };
    match edit.checked() {
        Ok(edit) if errors.is_empty() => Ok(edit),
        Ok(_) => Err(ApiError::invalid(errors)),
        Err(faults) => Err(ApiError::invalid(errors.into_iter().chain(faults).collect())),
    }
}

/// The analyst with this user name or id, whose account is enabled; or why there is none.
pub async fn find_assignee(core: &Core, name: &str) -> Result<Result<UserRef, FieldError>, ServiceError> {
    let found = match name.parse::<UserId>() {
        Ok(id) => core.store.users().find_by_id(id).await?,
        Err(_) if name.contains('\0') => None,
        Err(_) => core.store.users().find_by_username(name).await?,
    };
    Ok(may_be_assigned(found)
        .ok_or_else(|| FieldError::new("/assignee", "must be the user name or id of an analyst whose account is enabled")))
}

/// An analyst whose account is enabled.
pub fn may_be_assigned(account: Option<Account>) -> Option<UserRef> {
    let user = account.map(|account| account.user)?;
    (user.disabled_at.is_none() && user.roles.contains(&Role::Analyst)).then(|| user.reference())
}

/// Changes the incident, if it is still one that is expected; says whether a run holds it.
pub async fn update(
    core: &Core,
    tx: &Tx,
    caller: &Caller,
    (id, edit, expected): (IncidentId, IncidentEdit, ExpectedVersion),
) -> Result<Trail<(Incident, RunActivity)>, ServiceError> {
    let incident = find(tx, id).await?;
    check_expected(&expected, incident.version, id)?;
    let active = tx.runs().active_of_incident(id).await?.is_some();
    let activity = if active { RunActivity::Active } else { RunActivity::Idle };
    let (edited, entries) = apply(core, tx, &Editor::caller(caller)?, (incident, edit)).await?;
    Ok(if entries.is_empty() { Trail::unchanged((edited, activity)) } else { Trail::new((edited, activity), entries) })
}

/// Who changes an incident.
pub struct Editor {
    pub origin: Origin,
    /// The person behind it, who contributes by it; `None` for what Countersign does by itself, which acknowledges nothing.
    pub person: Option<UserId>,
}

impl Editor {
    /// The person who asks; forbidden for anyone else.
    pub fn caller(caller: &Caller) -> Result<Self, ServiceError> {
        let person = caller.actor.as_user().ok_or(Denied::Forbidden)?.user.id;
        Ok(Self { origin: origin(caller), person: Some(person) })
    }
}

/// Saves the edit of a locked incident; no entries if it changes nothing.
pub async fn apply(
    core: &Core,
    tx: &Tx,
    editor: &Editor,
    (before, edit): (Incident, IncidentEdit),
) -> Result<(Incident, Vec<EntryDraft>), ServiceError> {
    let inputs = tx.incidents().get_inputs(before.id).await?;
    let after = before.clone().edited(edit, core.clock.now());
    let fields = before.fields_changed_to(&after);
    if fields.is_empty() {
        return Ok((before, Vec::new()));
    }
    let acknowledged_at = editor.person.map_or(before.acknowledged_at, |_| after.acknowledged_at);
    let after = Incident { acknowledged_at, ..after };
    let after = if fields.contains(&IncidentField::Verdict) { after.rescored(&inputs, &core.rules.scoring) } else { after };
    if fields.iter().any(|field| field.is_contribution()) {
        planning::keep_past(tx, &before).await?;
    }
    tx.incidents().save_edit(&before, &after, &core.rules.scoring_digest).await?;
    if let Some(person) = editor.person.filter(|_| fields.iter().any(|field| field.is_contribution())) {
        tx.incidents().add_contributors(before.id, &[person]).await?;
    }
    let after = Incident { version: before.version + 1, ..after };
    let entries = entries(&editor.origin, &before, &after, &fields);
    Ok((after, entries))
}

fn entries(origin: &Origin, before: &Incident, after: &Incident, fields: &[IncidentField]) -> Vec<EntryDraft> {
    let others: Vec<&str> = fields.iter().filter(|field| **field != IncidentField::Verdict).map(|field| field.as_str()).collect();
    let mut entries = Vec::new();
    if !others.is_empty() {
        entries.push(updated(origin, before, after, &others));
    }
    if fields.contains(&IncidentField::Verdict) {
        let reason = after.verdict_reasons.first().map(|reason| reason.detail.as_str());
        entries.push(
            EntryDraft::new(origin, AuditAction::VerdictSet, Target::incident(after.id))
                .incident(after.id)
                .fact("from", before.verdict.as_str())
                .fact("verdict", after.verdict.as_str())
                .fact("risk_score", after.risk_score)
                .fact_named("severity", after.severity)
                .detail(json!({ "reason": reason })),
        );
    }
    entries
}

/// Ids and digests stand in the facts for ever; names and texts in the detail, which can be erased.
fn updated(origin: &Origin, before: &Incident, after: &Incident, fields: &[&str]) -> EntryDraft {
    let mut entry = EntryDraft::new(origin, AuditAction::IncidentUpdated, Target::incident(after.id))
        .incident(after.id)
        .fact("fields", fields.to_vec());
    if before.assignee != after.assignee {
        let id = |person: &Option<UserRef>| person.as_ref().map(|person| person.id.to_string());
        entry = entry.fact("assignee_from", id(&before.assignee)).fact("assignee_to", id(&after.assignee));
    }
    if before.analyst_notes != after.analyst_notes {
        let digest = |text: &str| Digest::of(text.as_bytes());
        entry = entry
            .fact_named("analyst_notes_from_sha256", digest(&before.analyst_notes))
            .fact_named("analyst_notes_to_sha256", digest(&after.analyst_notes));
    }
    let mut detail = serde_json::Map::new();
    if before.title != after.title {
        detail.insert("title".to_owned(), json!({ "from": before.title, "to": after.title }));
    }
    if before.tags != after.tags {
        detail.insert("tags".to_owned(), json!({ "from": before.tags, "to": after.tags }));
    }
    if detail.is_empty() { entry } else { entry.detail(detail.into()) }
}
