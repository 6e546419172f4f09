//! What runs do without a person: try again, wait, take back, change the record; and what playbooks do by themselves.

use domain::run::{RunStatus, StepStatus};
use domain::severity::Severity;
use domain::verdict::Verdict;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::office::Office;

on_both! {
    a_failed_attempt_is_made_again_when_its_time_has_come_and_not_before
    after_its_last_attempt_a_step_has_failed
    a_failed_step_takes_back_what_was_done_and_the_run_has_failed
    a_failed_step_that_may_fail_does_not_stop_the_run
    a_wait_holds_no_worker_and_ends_in_its_time
    actions_on_the_record_are_really_done
    a_playbook_starts_by_itself_once_and_what_is_destructive_is_signed
    a_rule_closes_and_a_rule_escalates_once
    people_are_told_of_what_is_severe_waits_or_failed_and_once
}

const HEAD: &str = "id: PB-OWN\nname: Own\nincident_type: other\npriority: 9\n";

async fn office(on: &On, rest: &str) -> Office {
    let text = format!("{HEAD}{rest}");
    Office::with_playbooks(on, &[("own.yaml", text.as_str())]).await
}

fn alert() -> Value {
    json!({ "incident_type": "other", "title": "odd", "severity": "low", "src_ip": "192.0.2.1", "username": "jdoe" })
}

/// A file where the outbox belongs: every message fails.
fn break_outbox(office: &Office) {
    std::fs::write(office.folder.path().join("outbox"), "in the way").unwrap();
}

fn mend_outbox(office: &Office) {
    std::fs::remove_file(office.folder.path().join("outbox")).unwrap();
}

/// As if the time had come for everything that waits.
async fn later(office: &Office) {
    office.sql("UPDATE jobs SET run_after = 0 WHERE kind = 'advance_run'").await;
    office.sql("UPDATE run_steps SET due_at = 0 WHERE due_at IS NOT NULL").await;
    office.work().await;
}

const TELL: &str = "actions:
  - id: tell
    action: notify
    with: { channel: soc, message: hello }
    retry: { attempts: 3, backoff: 1h }
";

async fn a_failed_attempt_is_made_again_when_its_time_has_come_and_not_before(on: On) {
    let office = office(&on, TELL).await;
    break_outbox(&office);
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, run.steps[0].attempts), (RunStatus::Running, StepStatus::Running, 1));
    assert!(run.steps[0].due_at.is_some() && run.steps[0].error.is_some());
    mend_outbox(&office);
    later(&office).await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, run.steps[0].attempts), (RunStatus::Succeeded, StepStatus::Succeeded, 2));
    let trail = office.trail(incident).await;
    let count = |action: &str| trail.iter().filter(|found| **found == action).count();
    assert_eq!((count("ACTION_STARTED"), count("ACTION_FAILED"), count("ACTION_SUCCEEDED")), (2, 1, 1));
}

async fn after_its_last_attempt_a_step_has_failed(on: On) {
    let office = office(&on, &TELL.replace("attempts: 3", "attempts: 2")).await;
    break_outbox(&office);
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    later(&office).await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status, run.steps[0].attempts), (RunStatus::Failed, StepStatus::Failed, 2));
}

async fn a_failed_step_takes_back_what_was_done_and_the_run_has_failed(on: On) {
    let office = office(
        &on,
        "actions:
  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }
  - { id: look, action: enrich }
  - { id: lock, action: disable_user, with: { user: \"${{ alert.user.name }}\" } }
  - { id: tell, action: notify, with: { channel: soc, message: hello }, on_error: undo }
",
    )
    .await;
    break_outbox(&office);
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    let statuses: Vec<StepStatus> = run.steps.iter().map(|step| step.status).collect();
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(statuses, [StepStatus::Undone, StepStatus::Succeeded, StepStatus::Undone, StepStatus::Failed]);
    let effects = office.store.effects().list_of_run(run.id).await.unwrap();
    let undone: Vec<(String, Value)> = effects
        .into_iter()
        .filter(|effect| effect.kind == store::EffectKind::Undo)
        .map(|effect| (effect.action.to_string(), json!(effect.input)))
        .collect();
    assert_eq!(undone.len(), 2);
    assert!(undone.contains(&("unblock_ip".into(), json!({ "ip": "192.0.2.1" }))), "{undone:?}");
    assert!(undone.contains(&("enable_user".into(), json!({ "user": "jdoe" }))), "{undone:?}");
    let trail = office.trail(incident).await;
    assert_eq!(trail.iter().filter(|action| **action == "ACTION_UNDONE").count(), 2);
}

async fn a_failed_step_that_may_fail_does_not_stop_the_run(on: On) {
    let office = office(
        &on,
        "actions:
  - { id: tell, action: notify, with: { channel: soc, message: hello }, on_error: continue }
  - { id: look, action: enrich, when: \"steps.tell.status == 'failed'\" }
on_success: { transition: contained }
",
    )
    .await;
    break_outbox(&office);
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let detail = office.detail(incident).await;
    assert_eq!(detail.runs[0].status, RunStatus::Succeeded);
    assert_eq!(detail.runs[0].steps[1].status, StepStatus::Succeeded);
    assert_eq!(detail.incident.state.as_str(), "contained");
}

async fn a_wait_holds_no_worker_and_ends_in_its_time(on: On) {
    let office =
        office(&on, "actions:\n  - { id: rest, action: wait, with: { duration: 1h } }\n  - { id: look, action: enrich }\n").await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].status), (RunStatus::Running, StepStatus::Running));
    later(&office).await;
    let run = office.detail(incident).await.runs.remove(0);
    assert_eq!((run.status, run.steps[0].output.clone()), (RunStatus::Succeeded, Some(json!({ "waited_s": 3_600 }))));
}

async fn actions_on_the_record_are_really_done(on: On) {
    let office = office(
        &on,
        "actions:
  - { id: keep, action: capture_evidence, with: { name: before } }
  - { id: tag, action: add_tag, with: { tag: watchlist } }
  - { id: give, action: assign, with: { user: ann } }
  - { id: judge, action: set_verdict, with: { verdict: suspicious, reason: too quiet } }
  - { id: todo, action: create_task, with: { title: look again, assignee: ann } }
  - { id: nobody, action: assign, with: { user: ben }, on_error: continue }
  - { id: move, action: transition, with: { to: contained } }
",
    )
    .await;
    let incident = office.incident("source", &alert()).await;
    let asked = office.run(incident).await;
    office.work().await;
    let detail = office.detail(incident).await;
    let run = detail.runs.iter().find(|run| run.id == asked.run.id).unwrap();
    assert_eq!(run.status, RunStatus::Succeeded, "{run:?}");
    let view = &detail.incident;
    assert_eq!((view.tags.as_slice(), view.verdict), (["watchlist".to_owned()].as_slice(), Verdict::Suspicious));
    assert_eq!(view.assignee.as_ref().map(|person| person.username.as_str()), Some("ann"));
    assert_eq!(view.state.as_str(), "contained");
    assert_eq!(run.steps[5].status, StepStatus::Failed, "ben is no analyst");
    let tasks = office.store.tasks().list_of_incident(incident, 10).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].title.as_str()), (1, "look again"));
    let kept = run.steps[0].output.as_ref().unwrap();
    let file = &detail.evidence[0];
    assert_eq!((&kept["evidence"], &kept["sha256"]), (&json!(file.id), &json!(file.sha256)));
    assert_eq!((file.name.as_str(), file.run_id), ("before.json", Some(run.id)));
    assert_eq!(file.added_by.as_ref().map(|person| person.username.as_str()), Some("ann"), "who asked for the run");
    let bytes = office.file(file.id).await;
    assert_eq!((file.size, file.sha256), (bytes.len() as u64, domain::digest::Digest::of(&bytes)));
    let snapshot: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&snapshot["incident"]["id"], &snapshot["incident"]["tags"]), (&json!(incident), &json!([])), "as it was then");
    assert!(office.trail(incident).await.contains(&"EVIDENCE_CAPTURED"));
    let refused = office.plain().await.execute_unprepared("DELETE FROM evidence_pieces").await.unwrap_err();
    assert!(refused.to_string().contains("is refused"), "{refused}");
}

async fn a_playbook_starts_by_itself_once_and_what_is_destructive_is_signed(on: On) {
    let office = office(
        &on,
        "auto_run: \"incident.severity_rank <= 4\"
actions:
  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }
",
    )
    .await;
    let incident = office.incident("source", &alert()).await;
    office.work().await;
    let detail = office.detail(incident).await;
    assert_eq!(detail.runs.len(), 1);
    let run = &detail.runs[0];
    assert_eq!((run.status, &run.requested_by), (RunStatus::AwaitingApproval, &None));
    assert_eq!(detail.approvals[0].reasons[0].rule, "governance");
    office.decide("ben", &detail.approvals[0], domain::approval::Decision::Approve).await.unwrap();
    office.work().await;
    office.incident("source", &alert()).await;
    office.work().await;
    let detail = office.detail(incident).await;
    assert_eq!((detail.runs.len(), detail.runs[0].status), (1, RunStatus::Succeeded));
}

async fn a_rule_closes_and_a_rule_escalates_once(on: On) {
    let closing = office(
        &on,
        "close_if: { condition: \"incident.title == 'odd'\", reason: just odd }\nactions: [{ id: look, action: enrich }]\n",
    )
    .await;
    let incident = closing.incident("source", &alert()).await;
    closing.work().await;
    assert_eq!(closing.detail(incident).await.incident.state.as_str(), "closed");

    let escalating = office(
        &on,
        "escalate_if: { severity_at_least: S4, tag: tier2, assignee: ann }\nactions: [{ id: look, action: enrich }]\n",
    )
    .await;
    let incident = escalating.incident("source", &alert()).await;
    escalating.work().await;
    escalating.incident("source", &alert()).await;
    escalating.work().await;
    let detail = escalating.detail(incident).await;
    let view = &detail.incident;
    assert_eq!((view.tags.as_slice(), view.acknowledged_at), (["tier2".to_owned()].as_slice(), None));
    assert_eq!(view.assignee.as_ref().map(|person| person.username.as_str()), Some("ann"));
    let trail = escalating.trail(incident).await;
    assert_eq!(trail.iter().filter(|action| **action == "INCIDENT_ESCALATED").count(), 1);
    assert_eq!(messages(&escalating).len(), 1);
}

async fn people_are_told_of_what_is_severe_waits_or_failed_and_once(on: On) {
    let office = office(&on, "requires_approval_if: { condition: \"true\" }\nactions: [{ id: look, action: enrich }]\n").await;
    let severe = json!({ "incident_type": "other", "title": "severe", "severity": "high" });
    let incident = office.incident("source", &severe).await;
    assert_eq!(office.detail(incident).await.incident.severity, Severity::S2);
    office.run(incident).await;
    office.work().await;
    office.work().await;
    office.sql("UPDATE jobs SET run_after = 0 WHERE kind = 'warn_of_expiry'").await;
    office.work().await;
    let told = messages(&office);
    assert_eq!(told.len(), 3, "{told:?}");
    for part in ["S2 incident", "An approval waits", "expires soon"] {
        assert_eq!(told.iter().filter(|message| message.contains(part)).count(), 1, "{part}: {told:?}");
    }
}

/// The texts in the outbox that no run sent.
fn messages(office: &Office) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(office.folder.path().join("outbox")) else { return Vec::new() };
    let read = |file: std::fs::DirEntry| -> Value { serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap() };
    let messages = files.map(|file| read(file.unwrap())).filter(|message| message["run_id"].is_null());
    messages.map(|message| message["parameters"]["message"].as_str().unwrap().to_owned()).collect()
}
