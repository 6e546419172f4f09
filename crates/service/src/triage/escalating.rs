//! Escalates an incident by a playbook's rule: tag, assignee, message and entry are one write, made once for each playbook.

use std::sync::Arc;

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::IncidentId;
use domain::incident::editing::IncidentEdit;
use domain::notification::NotificationEvent as Event;
use playbooks::triage::Escalation;
use serde_json::json;
use store::{Inserted, Trail, Tx};

use crate::core::Core;
use crate::error::ServiceError;
use crate::incidents::editing::{self, Editor};
use crate::incidents::find;
use crate::notifications::Notice;
use crate::planning;

/// Does what the rule says, unless it was done before.
pub async fn escalate_once(core: &Arc<Core>, id: IncidentId, escalation: Escalation) -> Result<(), ServiceError> {
    let mark = format!("escalated {}", escalation.playbook_id);
    if core.store.marks().is_made(&id.to_string(), &mark).await? {
        return Ok(());
    }
    let Some(facts) = planning::facts(&core.store, id).await? else { return Ok(()) };
    let notice = Notice { event: Event::IncidentEscalated, subject: id.to_string(), incident_id: id }.prepared(core, &facts);
    let (at, shared) = (core.clock.now(), Arc::clone(core));
    core.store
        .write(move |tx| async move {
            if tx.marks().make(&id.to_string(), &mark, at).await? == Inserted::Known {
                return Ok(Trail::unchanged(()));
            }
            let entry = EntryDraft::new(&Origin::system(), AuditAction::IncidentEscalated, Target::incident(id))
                .incident(id)
                .fact("playbook_id", escalation.playbook_id.as_str())
                .detail(json!({ "tag": escalation.tag, "assignee": escalation.assignee }));
            let mut entries = vec![entry];
            entries.extend(edit(&shared, &tx, id, escalation).await?);
            if let Some(notice) = notice {
                entries.extend(notice.queue(&tx).await?);
            }
            Ok::<_, ServiceError>(Trail::new((), entries))
        })
        .await?;
    core.work.notify_one();
    Ok(())
}

/// The tag and the assignee. A name that is nobody's leaves the assignee as it is: the tag and the message still say it.
async fn edit(core: &Core, tx: &Tx, id: IncidentId, escalation: Escalation) -> Result<Vec<EntryDraft>, ServiceError> {
    let incident = find(tx, id).await?;
    let mut tags = incident.tags.clone();
    tags.push(escalation.tag);
    let assignee = match &escalation.assignee {
        Some(name) => editing::may_be_assigned(tx.users().find_by_username(name).await?).map(Some),
        None => None,
    };
    let edit = IncidentEdit { tags: Some(tags), assignee, ..IncidentEdit::default() };
    let Ok(edit) = edit.checked() else { return Ok(Vec::new()) };
    let editor = Editor { origin: Origin::system(), person: None };
    Ok(editing::apply(core, tx, &editor, (incident, edit)).await?.1)
}
