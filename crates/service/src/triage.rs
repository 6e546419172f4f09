//! What Countersign does by itself when something changes: it follows the log, and for each incident that came up or changed it
//! closes, escalates, starts playbooks and tells people. What was done is marked in the same write, so that following the same
//! entries again, after a crash or on another replica, does nothing twice.

mod escalating;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use api::Caller;
use api::runs::RunRequest;
use domain::access::Actor;
use domain::approval::ApprovalStatus;
use domain::audit::{AuditAction, Origin};
use domain::id::{ApprovalId, IncidentId, PlaybookId};
use domain::incident::{Incident, State, may_ask_for_run};
use domain::notification::NotificationEvent as Event;
use playbooks::triage::Closing;
use playbooks::{Triage, triage};
use serde_json::json;
use store::{Inserted, LoggedChange, Trail, Tx, Untrailed};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::ServiceError;
use crate::incidents::{find, move_by_system};
use crate::jobs::Job;
use crate::notifications::Notice;
use crate::{planning, run_requests};

/// The name under which the place in the log is kept.
const FOLLOWER: &str = "triage";
/// Entries read at once.
const BATCH: u64 = 1_000;
/// How often the log is looked at for entries of other processes, and at least how long between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Follows the log until the token is cancelled.
pub async fn follow_log(core: &Arc<Core>, end: CancellationToken) {
    loop {
        if let Err(error) = catch_up(core).await {
            tracing::warn!(%error, "what changed could not be looked at; trying again");
        }
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Looks at everything in the log that was not looked at yet.
pub async fn catch_up(core: &Arc<Core>) -> Result<(), ServiceError> {
    loop {
        let next = core.store.marks().next_seq(FOLLOWER).await?;
        let entries = core.store.audit().changes_after(next - 1, BATCH).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        let next = last.seq + 1;
        look_at(core, &entries).await?;
        core.store
            .write_untrailed(Untrailed::LogFollowed, move |tx| async move { tx.marks().advance(FOLLOWER, next).await })
            .await?;
    }
}

async fn look_at(core: &Arc<Core>, entries: &[LoggedChange]) -> Result<(), ServiceError> {
    let changed = entries.iter().filter(|entry| changes_incident(entry.action)).filter_map(|entry| entry.incident_id);
    let changed: BTreeSet<IncidentId> = changed.collect();
    let ids: Vec<IncidentId> = changed.into_iter().collect();
    for incident in core.store.incidents().list_by_ids(&ids).await? {
        reached(core, &incident).await?;
        match decide(core, &incident).await {
            Ok(()) => {}
            Err(ServiceError::Store(error)) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, "nothing was done by itself about {}", incident.id),
        }
    }
    for entry in entries {
        tell_of(core, entry).await?;
    }
    Ok(())
}

fn changes_incident(action: AuditAction) -> bool {
    matches!(
        action,
        AuditAction::AlertIngested
            | AuditAction::IncidentCreated
            | AuditAction::IncidentUpdated
            | AuditAction::VerdictSet
            | AuditAction::EnrichmentCompleted
            | AuditAction::StateChanged
    )
}

/// Tells people of an incident as severe as they want to be told of.
async fn reached(core: &Core, incident: &Incident) -> Result<(), ServiceError> {
    let told = core.notifications.severity_told().is_some_and(|least| incident.severity.is_at_least(least));
    if !told || !incident.state.is_open() {
        return Ok(());
    }
    let notice = Notice { event: Event::IncidentReached, subject: incident.id.to_string(), incident_id: incident.id };
    notice.queue(core).await
}

async fn tell_of(core: &Core, entry: &LoggedChange) -> Result<(), ServiceError> {
    let event = match entry.action {
        AuditAction::ApprovalRequested => Event::ApprovalWaits,
        AuditAction::PlaybookFailed => Event::RunFailed,
        _ => return Ok(()),
    };
    let Some(incident_id) = entry.incident_id else { return Ok(()) };
    let subject = entry.target()?.id;
    if event == Event::ApprovalWaits {
        plan_warning(core, &subject).await?;
    }
    Notice { event, subject, incident_id }.queue(core).await
}

/// Has somebody told of an approval shortly before it ends.
async fn plan_warning(core: &Core, id: &str) -> Result<(), ServiceError> {
    const PLANNED: &str = "warning_planned";
    let (Some(before_s), Ok(id)) = (core.notifications.warning_s(), id.parse::<ApprovalId>()) else { return Ok(()) };
    let Some(approval) = core.store.approvals().find(id).await? else { return Ok(()) };
    let warn_at = approval.expires_at.plus_ms(-i64::from(before_s) * 1_000);
    if warn_at <= approval.requested_at || approval.status != ApprovalStatus::Pending {
        return Ok(());
    }
    let at = core.clock.now();
    core.store
        .write_untrailed(Untrailed::LogFollowed, move |tx| async move {
            if tx.marks().make(&id.to_string(), PLANNED, at).await? == Inserted::New {
                tx.jobs().enqueue(&Job::WarnOfExpiry(id).at(warn_at)).await?;
            }
            Ok::<_, ServiceError>(())
        })
        .await
}

/// Asks the playbooks, and does what they say. Most incidents need no more than a glance.
async fn decide(core: &Arc<Core>, incident: &Incident) -> Result<(), ServiceError> {
    let library = core.shelf.library();
    if !playbooks::triage::may_concern(&library, incident) {
        return Ok(());
    }
    let Some(facts) = planning::facts(&core.store, incident.id).await? else { return Ok(()) };
    let Triage { close, escalate, start } = triage(&library, &facts, core.clock.now());
    for escalation in escalate {
        escalating::escalate_once(core, incident.id, escalation).await?;
    }
    if let Some(closing) = close {
        self::close(core, incident.id, closing).await?;
    }
    if let Some(playbook_id) = start {
        start_once(core, incident.id, playbook_id).await?;
    }
    Ok(())
}

/// Closes an incident by a playbook's rule, if nobody has taken it up meanwhile.
async fn close(core: &Core, id: IncidentId, closing: Closing) -> Result<(), ServiceError> {
    let at = core.clock.now();
    core.store
        .write(move |tx| async move {
            if find(&tx, id).await?.state != State::Classified || tx.runs().active_of_incident(id).await?.is_some() {
                return Ok(Trail::unchanged(()));
            }
            let moved = move_by_system(&tx, id, State::Closed, (&Origin::system(), at)).await?;
            let entries = moved
                .into_iter()
                .map(|entry| entry.fact("playbook_id", closing.playbook_id.as_str()).detail(json!({ "reason": closing.reason })));
            Ok::<_, ServiceError>(Trail::new((), entries.collect()))
        })
        .await
}

/// Starts a playbook, once for each incident. A plan that cannot be made is said in the server's log; the incident stays.
async fn start_once(core: &Arc<Core>, id: IncidentId, playbook_id: PlaybookId) -> Result<(), ServiceError> {
    let mark = format!("auto_run {playbook_id}");
    if core.store.marks().is_made(&id.to_string(), &mark).await? {
        return Ok(());
    }
    let (shared, started_id) = (Arc::clone(core), playbook_id.clone());
    let started = core.store.write(move |tx| async move { start(&shared, &tx, (id, started_id), &mark).await }).await;
    match started {
        Ok(()) => core.work.notify_one(),
        Err(ServiceError::Store(error)) => return Err(error.into()),
        Err(error) => tracing::warn!(%error, "{playbook_id} could not start by itself on {id}"),
    }
    Ok(())
}

async fn start(core: &Core, tx: &Tx, (id, playbook_id): (IncidentId, PlaybookId), mark: &str) -> Result<Trail<()>, ServiceError> {
    let is_free = tx.runs().active_of_incident(id).await?.is_none() && may_ask_for_run(find(tx, id).await?.state);
    if !is_free || tx.marks().make(&id.to_string(), mark, core.clock.now()).await? == Inserted::Known {
        return Ok(Trail::unchanged(()));
    }
    let correlation_id = core.clock.uuid().to_string().parse().map_err(|_| ServiceError::Corrupt("an id".to_owned()))?;
    let itself = Caller { actor: Actor::System, correlation_id, network: String::new(), claim: None };
    let request = RunRequest { playbook_id: Some(playbook_id), ..RunRequest::default() };
    let asked = run_requests::ask(core, tx, &itself, (id, request)).await?;
    Ok(asked.map(|_| ()))
}
