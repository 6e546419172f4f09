//! Messages of Countersign itself: queued once for each subject, in the write that marks them as queued.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::IncidentId;
use domain::notification::NotificationEvent as Event;
use playbooks::Facts;
use store::{Inserted, NewNotification, Trail, Tx};

use crate::core::Core;
use crate::error::ServiceError;
use crate::jobs::Job;
use crate::planning;

/// Something to tell people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub event: Event,
    /// What it is said of, once: an incident, an approval, a run.
    pub subject: String,
    pub incident_id: IncidentId,
}

impl Notice {
    /// Queues the message, unless it was before or nobody wants to be told.
    pub async fn queue(self, core: &Core) -> Result<(), ServiceError> {
        if core.store.marks().is_made(&self.subject, self.event.as_str()).await? {
            return Ok(());
        }
        let Some(facts) = planning::facts(&core.store, self.incident_id).await? else { return Ok(()) };
        let Some(prepared) = self.prepared(core, &facts) else { return Ok(()) };
        core.store
            .write(move |tx| async move {
                let entries = prepared.queue(&tx).await?;
                Ok::<_, ServiceError>(if entries.is_empty() { Trail::unchanged(()) } else { Trail::new((), entries) })
            })
            .await?;
        core.work.notify_one();
        Ok(())
    }

    /// With its text; `None` if nobody wants to be told.
    pub fn prepared(self, core: &Core, facts: &Facts) -> Option<PreparedNotice> {
        let at = core.clock.now();
        let message = core.notifications.message(self.event, facts, at)?;
        let new = NewNotification {
            incident_id: self.incident_id,
            event: self.event.to_string(),
            channel: core.notifications.channel.clone(),
            message,
            queued_at: at,
        };
        Some(PreparedNotice { subject: self.subject, new })
    }
}

/// A message with its text.
pub struct PreparedNotice {
    subject: String,
    new: NewNotification,
}

impl PreparedNotice {
    /// Marks, queues and writes the job; nothing if it was marked before.
    pub async fn queue(self, tx: &Tx) -> Result<Vec<EntryDraft>, ServiceError> {
        let new = self.new;
        if tx.marks().make(&self.subject, &new.event, new.queued_at).await? == Inserted::Known {
            return Ok(Vec::new());
        }
        let number = tx.notifications().insert(&new).await?;
        tx.jobs().enqueue(&Job::SendNotification(number).at(new.queued_at)).await?;
        let entry = EntryDraft::new(&Origin::system(), AuditAction::NotificationQueued, Target::incident(new.incident_id))
            .incident(new.incident_id)
            .fact("event", new.event.as_str())
            .fact("subject", self.subject.as_str())
            .fact("number", number);
        Ok(vec![entry])
    }
}
