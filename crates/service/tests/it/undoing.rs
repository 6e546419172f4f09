//! Taking steps back, and attempts that nobody knows the end of: a worker may die at either, and nothing happens twice.

use std::sync::Arc;

use api::runs::{ResolveRequest, ResolvedOutcome};
use async_trait::async_trait;
use connectors::{Connector, ConnectorError, Effect, Recovery};
use domain::action::Action;
use domain::run::{RunStatus, StepStatus, UndoStatus};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::door::Door;
use crate::office::Office;

on_both! {
    a_worker_that_dies_while_it_takes_a_step_back_does_it_again_and_once
    a_step_that_may_have_been_taken_back_is_a_persons_to_look_into
    an_attempt_without_an_answer_is_made_again_only_where_that_does_nothing_twice
    a_step_that_cannot_be_taken_back_stays_done_and_says_why
}

const LOCK: &str = r#"
id: PB-LOCK
name: Lock, tell
incident_type: lock
actions:
  - { id: lock, action: disable_user, with: { user: jdoe } }
  - { id: tell, action: notify, with: { channel: soc, message: locked }, on_error: undo }
"#;

const ENRICH: &str = r#"
id: PB-LOCK
name: Look
incident_type: lock
actions:
  - { id: look, action: enrich, timeout: 1s, retry: { attempts: 2, backoff: 1h } }
"#;

fn alert() -> Value {
    json!({ "incident_type": "lock", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem" })
}

async fn office_with(on: &On, (playbook, action): (&str, Action), door: &Arc<Door>) -> Office {
    let door = Arc::clone(door);
    let office = Office::open(on, &[("lock.yaml", playbook)], |registry| registry.with(action, door)).await;
    std::fs::write(office.folder.path().join("outbox"), "every message fails").unwrap();
    office
}

async fn die_behind(office: &mut Office, door: &Door) {
    let services = office.services.clone();
    let worker = tokio::spawn(async move { services.do_due_jobs().await });
    door.entered().await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    office.restart().await;
}

async fn a_worker_that_dies_while_it_takes_a_step_back_does_it_again_and_once(on: On) {
    let door = Door::shut(Recovery::CallAgain);
    let mut office = office_with(&on, (LOCK, Action::EnableUser), &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    die_behind(&mut office, &door).await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].undo), (RunStatus::Running, Some(UndoStatus::Running)));
    door.let_through();
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status), (RunStatus::Failed, StepStatus::Undone));
    let trail = office.trail(incident).await;
    let count = |action: &str| trail.iter().filter(|found| **found == action).count();
    assert_eq!((count("ACTION_UNDO_STARTED"), count("ACTION_UNDONE")), (1, 1));
    let effects = office.store.effects().list_of_run(run.id).await.unwrap();
    assert_eq!(effects.iter().filter(|effect| effect.kind == store::EffectKind::Undo).count(), 1);
}

async fn a_step_that_may_have_been_taken_back_is_a_persons_to_look_into(on: On) {
    let door = Door::shut(Recovery::AskPerson);
    let mut office = office_with(&on, (LOCK, Action::EnableUser), &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    die_behind(&mut office, &door).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status), (RunStatus::Paused, StepStatus::Unknown));
    let found = ResolveRequest { outcome: ResolvedOutcome::Succeeded, reason: "the account is enabled again".into() };
    let ann = office.caller("ann").await;
    office.backend().runs.resolve(&ann, run.id, "lock".parse().unwrap(), found).await.unwrap();
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, door.calls()), (RunStatus::Failed, StepStatus::Undone, 1));
}

async fn an_attempt_without_an_answer_is_made_again_only_where_that_does_nothing_twice(on: On) {
    let door = Door::shut(Recovery::CallAgain);
    let office = office_with(&on, (ENRICH, Action::Enrich), &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.steps[0].status, run.steps[0].attempts, run.steps[0].due_at.is_some()), (StepStatus::Running, 1, true));
    office.sql("UPDATE jobs SET run_after = 0 WHERE kind = 'advance_run'").await;
    office.sql("UPDATE run_steps SET due_at = 0 WHERE due_at IS NOT NULL").await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, door.calls()), (RunStatus::Paused, StepStatus::Unknown, 2));

    let door = Door::shut(Recovery::AskPerson);
    let office = office_with(&on, (ENRICH, Action::Enrich), &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, door.calls()), (RunStatus::Paused, StepStatus::Unknown, 1));
}

/// A connector that certainly does nothing.
struct Jammed;

#[async_trait]
impl Connector for Jammed {
    fn name(&self) -> &'static str {
        "jammed"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recovery(&self) -> Recovery {
        Recovery::CallAgain
    }

    async fn perform(&self, effect: &Effect) -> Result<Value, ConnectorError> {
        Err(ConnectorError::NotHere(effect.action))
    }
}

const BLOCK_AND_LOCK: &str = r#"
id: PB-LOCK
name: Block, lock, tell
incident_type: lock
actions:
  - { id: block, action: block_ip, with: { ip: 203.0.113.7 } }
  - { id: lock, action: disable_user, with: { user: jdoe } }
  - { id: tell, action: notify, with: { channel: soc, message: locked }, on_error: undo }
"#;

async fn a_step_that_cannot_be_taken_back_stays_done_and_says_why(on: On) {
    let jam = |registry: connectors::Registry| registry.with(Action::EnableUser, Arc::new(Jammed));
    let office = Office::open(&on, &[("lock.yaml", BLOCK_AND_LOCK)], jam).await;
    std::fs::write(office.folder.path().join("outbox"), "every message fails").unwrap();
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    let [block, lock, tell] = &run.steps[..] else { panic!("{run:?}") };
    assert_eq!((run.status, tell.status), (RunStatus::Failed, StepStatus::Failed));
    assert_eq!((lock.status, lock.undo), (StepStatus::Succeeded, Some(UndoStatus::Failed)));
    assert!(lock.error.as_ref().unwrap().starts_with("it could not be taken back: "), "{lock:?}");
    assert_eq!(block.status, StepStatus::Undone, "the others are taken back all the same");
    let trail = office.trail(incident).await;
    let count = |action: &str| trail.iter().filter(|found| **found == action).count();
    assert_eq!((count("ACTION_UNDO_STARTED"), count("ACTION_UNDONE"), count("ACTION_UNDO_FAILED")), (2, 1, 1));
}
