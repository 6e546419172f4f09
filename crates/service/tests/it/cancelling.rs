//! A cancelled run stays cancelled, whatever else happens to it at the same moment.

use api::ProblemCode;
use connectors::Recovery;
use domain::action::Action;
use domain::approval::{ApprovalStatus, Decision};
use domain::incident::State;
use domain::run::{RunStatus, StepStatus};
use sea_orm::{ConnectionTrait as _, TransactionOptions, TransactionTrait as _};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::door::{Door, Moment};
use crate::office::Office;

on_both! {
    a_run_that_is_cancelled_on_its_way_to_a_gate_asks_nobody
    a_run_that_is_cancelled_before_it_starts_anew_asks_nobody
    who_cancels_waits_for_the_approval_first
    who_cancels_and_who_decides_do_not_get_in_each_others_way
}

const GATED: &str = r#"
id: PB-GATED
name: Look, lock
description: Somebody signs the lock.
incident_type: gated
actions:
  - id: look
    action: enrich
  - id: lock
    action: disable_user
    with: { user: jdoe }
    approval: { quorum: 1 }
"#;

fn gated() -> Value {
    json!({ "incident_type": "gated", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem" })
}

fn brute_force(host: usize) -> Value {
    json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3, "source": "siem",
        "hostname": format!("ws-{host}"), "username": format!("user-{host}"), "context": { "privileged_account": true } })
}

/// The cancellation comes after the worker has read the run, and before it asks for the signature.
async fn a_run_that_is_cancelled_on_its_way_to_a_gate_asks_nobody(on: On) {
    let door = Door::open(Recovery::CallAgain);
    let office = Office::open(&on, &[("gated.yaml", GATED)], |registry| registry.with(Action::DisableUser, door.clone())).await;
    let incident = office.incident("source", &gated()).await;
    let run = office.run(incident).await.run.id;
    let held = door.hold(Moment::Compared);
    let services = office.services.clone();
    let worker = tokio::spawn(async move { services.do_due_jobs().await });
    held.reached.await.unwrap();
    office.backend().runs.cancel(&office.caller("ann").await, run).await.unwrap();
    held.release.send(()).unwrap();
    worker.await.unwrap().unwrap();
    let ended = office.detail(incident).await;
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Cancelled));
    assert_eq!(ended.approvals.len(), 0);
    let statuses: Vec<StepStatus> = ended.runs[0].steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [StepStatus::Succeeded, StepStatus::Pending]);
    assert_eq!(office.store.jobs().count().await.unwrap(), 0);
}

async fn a_run_that_is_cancelled_before_it_starts_anew_asks_nobody(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force(1)).await;
    let asked = office.run(incident).await;
    office.decide("ben", &asked.approval.unwrap(), Decision::Approve).await.unwrap();
    office.sql("UPDATE users SET roles = 'auditor' WHERE username = 'ben'").await;
    office.backend().runs.cancel(&office.caller("ann").await, asked.run.id).await.unwrap();
    office.work().await;
    let ended = office.detail(incident).await;
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Cancelled));
    assert_eq!(ended.approvals.len(), 1);
}

/// Every change that locks an approval and its run does so in this order. SQLite has one writer, and no rows to wait for.
async fn who_cancels_waits_for_the_approval_first(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    if office.store.is_sqlite() {
        return;
    }
    let incident = office.incident("source", &brute_force(1)).await;
    let run = office.run(incident).await.run.id;
    let plain = office.plain().await;
    let deciding = plain.begin_with_options(TransactionOptions::default()).await.unwrap();
    deciding.execute_unprepared("SELECT 1 FROM approvals FOR UPDATE").await.unwrap();
    let (backend, caller) = (office.backend(), office.caller("ann").await);
    let cancelling = tokio::spawn(async move { backend.runs.cancel(&caller, run).await });
    office.until_somebody_waits_for_a_row().await;
    deciding.execute_unprepared("SELECT 1 FROM runs FOR UPDATE NOWAIT").await.unwrap();
    deciding.rollback().await.unwrap();
    assert_eq!(cancelling.await.unwrap().unwrap().status, RunStatus::Cancelled);
}

async fn who_cancels_and_who_decides_do_not_get_in_each_others_way(on: On) {
    const PAIRS: usize = 12;
    let office = Office::with_playbooks(&on, &[]).await;
    let (ann, ben) = (office.caller("ann").await, office.caller("ben").await);
    let mut pairs = Vec::new();
    for host in 0..PAIRS {
        let incident = office.incident("source", &brute_force(host)).await;
        let asked = office.run(incident).await;
        let approval = asked.approval.unwrap();
        let (backend, deciding, cancelling) = (office.backend(), ben.clone(), ann.clone());
        let request = api::approvals::DecisionRequest {
            decision: Decision::Approve,
            reason: "looked at it closely".into(),
            plan_digest: approval.plan_digest,
        };
        let (decider, run) = (backend.clone(), asked.run.id);
        pairs.push((
            incident,
            tokio::spawn(async move { decider.approvals.decide(&deciding, approval.id, request).await.map(drop) }),
            tokio::spawn(async move { backend.runs.cancel(&cancelling, run).await.map(drop) }),
        ));
    }
    for (incident, decided, cancelled) in pairs {
        let (decided, cancelled) = (decided.await.unwrap(), cancelled.await.unwrap());
        assert!(decided.as_ref().err().is_none_or(|error| error.code == ProblemCode::NotPending), "{decided:?}");
        cancelled.unwrap();
        let detail = office.detail(incident).await;
        let expected = if decided.is_ok() { ApprovalStatus::Approved } else { ApprovalStatus::Withdrawn };
        assert_eq!((detail.runs[0].status, detail.approvals[0].status), (RunStatus::Cancelled, expected));
    }
}
