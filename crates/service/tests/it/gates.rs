//! A gate in the middle of a run: the run waits there, and only a signature on what is left carries it past.

use domain::approval::{ApprovalStatus, Decision};
use domain::incident::State;
use domain::run::{RunStatus, StepStatus};
use serde_json::{Value, json};

use crate::office::Office;

const GATED: &str = r#"
id: PB-GATED
name: Ask before the lock
description: Looks first, asks before it locks.
incident_type: gated
actions:
  - id: look
    action: enrich
  - id: lock
    action: disable_user
    with: { user: "${{ alert.user.name }}" }
    approval: { quorum: 1 }
  - id: tell
    action: notify
    with: { channel: soc, message: "Locked: ${{ steps.lock.status }}" }
on_success: { transition: contained }
"#;

fn alert() -> Value {
    json!({ "incident_type": "gated", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem", "username": "jdoe" })
}

fn statuses(detail: &api::incidents::IncidentDetail) -> Vec<StepStatus> {
    detail.runs[0].steps.iter().map(|step| step.status).collect()
}

#[tokio::test]
async fn a_run_waits_at_its_gate_and_goes_on_when_signed() {
    let office = Office::with_playbooks(&[("gated.yaml", GATED)]).await;
    let incident = office.incident("source", &alert()).await;
    assert!(office.run(incident).await.approval.is_none(), "nobody is asked before the gate");
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!((waiting.incident.state, waiting.runs[0].status), (State::AwaitingApproval, RunStatus::AwaitingApproval));
    assert_eq!(statuses(&waiting), [StepStatus::Succeeded, StepStatus::Pending, StepStatus::Pending]);
    let approval = &waiting.approvals[0];
    assert_eq!(
        (approval.plan["from_step"].as_str(), approval.plan["plan_digest"].as_str()),
        (Some("lock"), Some(waiting.runs[0].plan_digest.to_string().as_str()))
    );
    office.decide("ben", approval, Decision::Approve).await.unwrap();
    office.work().await;
    let done = office.detail(incident).await;
    assert_eq!((done.incident.state, done.runs[0].status), (State::Contained, RunStatus::Succeeded));
    assert_eq!(statuses(&done), [StepStatus::Succeeded; 3]);
}

#[tokio::test]
async fn a_rejected_gate_ends_the_run_and_what_was_done_stays_done() {
    let office = Office::with_playbooks(&[("gated.yaml", GATED)]).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let approval = office.detail(incident).await.approvals.remove(0);
    office.decide("ben", &approval, Decision::Reject).await.unwrap();
    office.work().await;
    let ended = office.detail(incident).await;
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Rejected));
    assert_eq!(statuses(&ended), [StepStatus::Succeeded, StepStatus::Pending, StepStatus::Pending]);
    assert_eq!(ended.approvals[0].status, ApprovalStatus::Rejected);
}
