//! Workers that die, wake up late or cannot go on: every effect has an outcome that people can see, and none happens twice.

use connectors::Recovery;
use domain::action::Action;
use domain::incident::State;
use domain::run::{RunStatus, StepStatus};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::door::{Door, Moment};
use crate::office::Office;

on_both! {
    a_step_of_a_cancelled_run_is_called_again_after_a_crash
    a_step_of_a_cancelled_run_that_cannot_be_called_again_is_unknown
    a_connector_that_was_changed_is_not_called_again
    a_worker_that_wakes_up_late_calls_nothing
    a_run_that_cannot_go_on_fails_after_some_attempts
}

const LOCK: &str = r#"
id: PB-LOCK
name: Lock, tell
description: Locks an account and tells.
incident_type: lock
actions:
  - id: lock
    action: disable_user
    with: { user: jdoe }
  - id: tell
    action: notify
    with: { channel: soc, message: "Locked" }
on_success: { transition: contained }
"#;

fn alert() -> Value {
    json!({ "incident_type": "lock", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem" })
}

async fn office_with(on: &On, door: &std::sync::Arc<Door>) -> Office {
    let door = std::sync::Arc::clone(door);
    Office::open(on, &[("lock.yaml", LOCK)], |registry| registry.with(Action::DisableUser, door)).await
}

/// The worker dies while the connector works on the first step.
async fn die_in_the_first_step(office: &mut Office, door: &Door) {
    let services = office.services.clone();
    let worker = tokio::spawn(async move { services.do_due_jobs().await });
    door.entered().await;
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
}

async fn a_step_of_a_cancelled_run_is_called_again_after_a_crash(on: On) {
    let door = Door::shut(Recovery::CallAgain);
    let mut office = office_with(&on, &door).await;
    let incident = office.incident("source", &alert()).await;
    let run = office.run(incident).await.run.id;
    die_in_the_first_step(&mut office, &door).await;
    office.backend().runs.cancel(&office.caller("ann").await, run).await.unwrap();
    office.restart().await;
    door.let_through();
    office.work().await;
    let ended = office.detail(incident).await;
    let statuses: Vec<StepStatus> = ended.runs[0].steps.iter().map(|step| step.status).collect();
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Cancelled));
    assert_eq!(statuses, [StepStatus::Succeeded, StepStatus::Pending]);
    assert!(office.trail(incident).await.contains(&"ACTION_SUCCEEDED"));
    assert_eq!(office.store.jobs().count().await.unwrap(), 0);
}

async fn a_step_of_a_cancelled_run_that_cannot_be_called_again_is_unknown(on: On) {
    let door = Door::shut(Recovery::AskPerson);
    let mut office = office_with(&on, &door).await;
    let incident = office.incident("source", &alert()).await;
    let run = office.run(incident).await.run.id;
    die_in_the_first_step(&mut office, &door).await;
    office.backend().runs.cancel(&office.caller("ann").await, run).await.unwrap();
    office.restart().await;
    office.work().await;
    let ended = office.detail(incident).await;
    assert_eq!((ended.runs[0].status, ended.runs[0].steps[0].status), (RunStatus::Cancelled, StepStatus::Unknown));
    assert!(office.trail(incident).await.contains(&"ACTION_UNKNOWN"));
    assert_eq!((door.calls(), office.store.jobs().count().await.unwrap()), (1, 0));
}

async fn a_connector_that_was_changed_is_not_called_again(on: On) {
    let door = Door::shut(Recovery::CallAgain);
    let mut office = office_with(&on, &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    die_in_the_first_step(&mut office, &door).await;
    door.change();
    office.restart().await;
    office.work().await;
    let paused = office.detail(incident).await;
    assert_eq!((paused.runs[0].status, paused.runs[0].steps[0].status), (RunStatus::Paused, StepStatus::Unknown));
    assert_eq!(door.calls(), 1);
}

/// Between looking at the step and calling the connector the worker is held up until its lease is another worker's.
async fn a_worker_that_wakes_up_late_calls_nothing(on: On) {
    let door = Door::shut(Recovery::CallAgain);
    let mut office = office_with(&on, &door).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    die_in_the_first_step(&mut office, &door).await;
    office.restart().await;
    let held = door.hold(Moment::Recovered);
    let services = office.services.clone();
    let late = tokio::spawn(async move { services.do_due_jobs().await });
    held.reached.await.unwrap();
    office.store.release_all_leases().await.unwrap();
    let other = office.store.claim_job("another worker", 60_000).await.unwrap().unwrap();
    held.release.send(()).unwrap();
    late.await.unwrap().unwrap();
    assert_eq!(door.calls(), 1, "only the call that was cut off");
    let later = office.store.now().await.unwrap();
    office.store.retry_job_later(&other, later).await.unwrap();
    door.let_through();
    office.work().await;
    assert_eq!((office.detail(incident).await.incident.state, door.calls()), (State::Contained, 2));
}

/// Something else has taken the name of the run's first effect: the database refuses it each time.
async fn a_run_that_cannot_go_on_fails_after_some_attempts(on: On) {
    const ATTEMPTS: usize = 5;
    let door = Door::open(Recovery::CallAgain);
    let office = office_with(&on, &door).await;
    let incident = office.incident("source", &alert()).await;
    let run = office.run(incident).await.run.id;
    let (number, key) = (run.number(), format!("{run}.lock"));
    office
        .sql(&format!(
            "INSERT INTO effects (key, run_id, step, kind, action, connector, input, started_at) \
             VALUES ('{key}', {number}, 'tell', 'do', 'notify', 'door', '{{}}', 0)"
        ))
        .await;
    for attempt in 1..=ATTEMPTS {
        assert!(office.detail(incident).await.runs[0].status.is_active(), "attempt {attempt}");
        office.make_jobs_due().await;
        office.work().await;
    }
    let ended = office.detail(incident).await;
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Failed));
    assert!(ended.runs[0].error.as_deref().unwrap().contains("already exists"));
    assert!(office.trail(incident).await.contains(&"PLAYBOOK_FAILED"));
    assert_eq!((door.calls(), office.store.jobs().count().await.unwrap()), (0, 0));
}
