//! A signature that no longer holds: on a plan whose connector has changed, too old, or of people who may no longer decide. It is put
//! on record, nothing runs, and as many people as before are asked anew.

use api::approvals::ApprovalView;
use api::incidents::IncidentDetail;
use connectors::Recovery;
use domain::action::Action;
use domain::approval::{ApprovalStatus, Decision};
use domain::incident::State;
use domain::run::{RunStatus, StepStatus};
use sea_orm::{ConnectionTrait as _, TransactionOptions, TransactionTrait as _};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::door::Door;
use crate::office::Office;

on_both! {
    a_changed_connector_is_signed_anew_by_as_many_people
    a_changed_connector_behind_a_gate_is_signed_anew_as_the_gate_says
    a_changed_connector_ends_a_run_that_nobody_signed
    a_grant_that_is_too_old_starts_nothing
    a_role_that_is_lost_at_the_last_moment_starts_nothing
}

/// Two people sign all of it.
const SIGNED: &str = r#"
id: PB-SIGNED
name: Look, block, tell
description: Two people sign it.
incident_type: signed
requires_approval_if: { destructive: true }
approval: { quorum: 2, expires_in: 2h }
actions:
  - id: look
    action: enrich
  - id: block
    action: block_ip
    with: { ip: "${{ alert.source.ip }}", duration: 24h }
  - id: tell
    action: notify
    with: { channel: soc, message: "Blocked" }
on_success: { transition: contained }
"#;

/// Nobody signs it until a step that two people sign.
const GATED: &str = r#"
id: PB-GATED
name: Look, lock, block
description: Two people sign from the lock on.
incident_type: signed
actions:
  - id: look
    action: enrich
  - id: lock
    action: disable_user
    with: { user: jdoe }
    approval: { quorum: 2, expires_in: 2h }
  - id: block
    action: block_ip
    with: { ip: "${{ alert.source.ip }}", duration: 24h }
on_success: { transition: contained }
"#;

const UNSIGNED: &str = r#"
id: PB-UNSIGNED
name: Look, block
description: Nobody signs it.
incident_type: signed
actions:
  - id: look
    action: enrich
  - id: block
    action: block_ip
    with: { ip: "${{ alert.source.ip }}", duration: 24h }
"#;

fn alert() -> Value {
    json!({ "incident_type": "signed", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem", "src_ip": "91.23.11.9" })
}

fn statuses(detail: &IncidentDetail) -> Vec<StepStatus> {
    detail.runs[0].steps.iter().map(|step| step.status).collect()
}

fn pending(detail: &IncidentDetail) -> &ApprovalView {
    detail.approvals.iter().find(|approval| approval.status == ApprovalStatus::Pending).unwrap()
}

fn count(trail: &[&str], action: &str) -> usize {
    trail.iter().filter(|found| **found == action).count()
}

async fn sign(office: &Office, approval: &ApprovalView, people: &[&str]) {
    for person in people {
        office.decide(person, approval, Decision::Approve).await.unwrap();
    }
}

async fn a_changed_connector_is_signed_anew_by_as_many_people(on: On) {
    let door = Door::open(Recovery::CallAgain);
    let office = Office::open(&on, &[("signed.yaml", SIGNED)], |registry| registry.with(Action::BlockIp, door.clone())).await;
    let incident = office.incident("source", &alert()).await;
    let first = office.run(incident).await.approval.unwrap();
    sign(&office, &first, &["ben", "cat"]).await;
    door.change();
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!((waiting.incident.state, waiting.runs[0].status), (State::AwaitingApproval, RunStatus::AwaitingApproval));
    assert_eq!(statuses(&waiting), [StepStatus::Succeeded, StepStatus::Pending, StepStatus::Pending]);
    assert_eq!(count(&office.trail(incident).await, "APPROVAL_STALE"), 1);
    let second = pending(&waiting);
    assert_eq!((second.quorum, &second.reasons, &second.step), (2, &first.reasons, &None));
    assert_eq!(second.expires_at.since_ms(second.requested_at), 2 * 60 * 60 * 1000);
    assert_eq!((second.plan["from_step"].as_str(), &second.plan["actions"][0]["connector_revision"]), (Some("block"), &json!(2)));
    sign(&office, second, &["ben"]).await;
    office.work().await;
    assert_eq!((office.detail(incident).await.runs[0].status, door.calls()), (RunStatus::AwaitingApproval, 0));
    sign(&office, second, &["cat"]).await;
    office.work().await;
    assert_eq!((office.detail(incident).await.incident.state, door.calls()), (State::Contained, 1));
}

async fn a_changed_connector_behind_a_gate_is_signed_anew_as_the_gate_says(on: On) {
    let door = Door::open(Recovery::CallAgain);
    let office = Office::open(&on, &[("gated.yaml", GATED)], |registry| registry.with(Action::BlockIp, door.clone())).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let at_gate = office.detail(incident).await;
    sign(&office, pending(&at_gate), &["ben", "cat"]).await;
    door.change();
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!(statuses(&waiting), [StepStatus::Succeeded, StepStatus::Succeeded, StepStatus::Pending]);
    assert_eq!(count(&office.trail(incident).await, "APPROVAL_STALE"), 1);
    let again = pending(&waiting);
    assert_eq!((again.quorum, again.step.as_ref().map(ToString::to_string).as_deref()), (2, Some("lock")));
    assert_eq!(again.expires_at.since_ms(again.requested_at), 2 * 60 * 60 * 1000);
    sign(&office, again, &["ben", "cat"]).await;
    office.work().await;
    assert_eq!((office.detail(incident).await.incident.state, door.calls()), (State::Contained, 1));
}

async fn a_changed_connector_ends_a_run_that_nobody_signed(on: On) {
    let door = Door::open(Recovery::CallAgain);
    let office = Office::open(&on, &[("unsigned.yaml", UNSIGNED)], |registry| registry.with(Action::BlockIp, door.clone())).await;
    let incident = office.incident("source", &alert()).await;
    assert!(office.run(incident).await.approval.is_none());
    door.change();
    office.work().await;
    let ended = office.detail(incident).await;
    assert_eq!((ended.runs[0].status, ended.runs[0].error.as_deref()), (RunStatus::Failed, Some("plan-changed")));
    assert_eq!((statuses(&ended), door.calls()), (vec![StepStatus::Succeeded, StepStatus::Pending], 0));
}

async fn a_grant_that_is_too_old_starts_nothing(on: On) {
    let office = Office::with_playbooks(&on, &[("signed.yaml", SIGNED)]).await;
    let incident = office.incident("source", &alert()).await;
    let first = office.run(incident).await.approval.unwrap();
    sign(&office, &first, &["ben", "cat"]).await;
    office.unlock("grants").await;
    office.sql("UPDATE grants SET start_by = granted_at").await;
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!(statuses(&waiting), [StepStatus::Pending; 3]);
    assert_eq!(count(&office.trail(incident).await, "APPROVAL_STALE"), 1);
    let second = pending(&waiting);
    assert_eq!((second.plan_digest, second.quorum, &second.reasons), (first.plan_digest, 2, &first.reasons));
    sign(&office, second, &["ben", "cat"]).await;
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::Contained);
}

/// The run's row is held until the role is gone: the worker looks at it in the very change that would start the run.
async fn a_role_that_is_lost_at_the_last_moment_starts_nothing(on: On) {
    let office = Office::with_playbooks(&on, &[("signed.yaml", SIGNED)]).await;
    let incident = office.incident("source", &alert()).await;
    let first = office.run(incident).await.approval.unwrap();
    sign(&office, &first, &["ben", "cat"]).await;
    let lose = "UPDATE users SET roles = 'auditor' WHERE username = 'cat'";
    if office.store.is_sqlite() {
        office.sql(lose).await;
        office.work().await;
    } else {
        let plain = office.plain().await;
        let holder = plain.begin_with_options(TransactionOptions::default()).await.unwrap();
        holder.execute_unprepared("SELECT 1 FROM runs FOR UPDATE").await.unwrap();
        let services = office.services.clone();
        let worker = tokio::spawn(async move { services.do_due_jobs().await });
        office.until_somebody_waits_for_a_row().await;
        office.sql(lose).await;
        holder.commit().await.unwrap();
        worker.await.unwrap().unwrap();
    }
    let waiting = office.detail(incident).await;
    assert_eq!((waiting.runs[0].status, statuses(&waiting)), (RunStatus::AwaitingApproval, vec![StepStatus::Pending; 3]));
    assert_eq!(count(&office.trail(incident).await, "APPROVAL_STALE"), 1);
}
