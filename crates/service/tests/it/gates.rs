//! A gate in the middle of a run: the run waits there, and only a signature on what is left carries it past.

use domain::approval::{ApprovalStatus, Decision};
use domain::incident::State;
use domain::run::{RunStatus, StepStatus};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::office::Office;

on_both! {
    a_run_waits_at_its_gate_and_goes_on_when_signed
    a_gate_that_is_known_to_be_skipped_asks_nobody
    a_gate_that_is_skipped_on_the_way_still_asks_as_many_people
    a_parameter_that_has_no_value_at_the_gate_ends_the_run
    a_rejected_gate_ends_the_run_and_what_was_done_stays_done
}

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

/// The gate's condition is false once the first step has run, but nobody can know that before.
const SKIPPED_GATE: &str = r#"
id: PB-SKIPPED-GATE
name: Look, perhaps lock, tell
description: Two people sign it, and two from the lock on.
incident_type: gated
requires_approval_if: { destructive: true }
approval: { quorum: 2 }
actions:
  - id: look
    action: enrich
  - id: lock
    action: disable_user
    when: "steps.look.output.verdict == 'malicious'"
    with: { user: "${{ alert.user.name }}" }
    approval: { quorum: 2, expires_in: 1h }
  - id: tell
    action: notify
    with: { channel: soc, message: "Looked" }
on_success: { transition: contained }
"#;

fn alert() -> Value {
    json!({ "incident_type": "gated", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem", "username": "jdoe" })
}

fn statuses(detail: &api::incidents::IncidentDetail) -> Vec<StepStatus> {
    detail.runs[0].steps.iter().map(|step| step.status).collect()
}

async fn a_run_waits_at_its_gate_and_goes_on_when_signed(on: On) {
    let office = Office::with_playbooks(&on, &[("gated.yaml", GATED)]).await;
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

async fn a_gate_that_is_known_to_be_skipped_asks_nobody(on: On) {
    let known = GATED.replace("action: disable_user", "action: disable_user\n    when: \"has(alert.user.name)\"");
    let office = Office::with_playbooks(&on, &[("gated.yaml", &known)]).await;
    let nobody = json!({ "incident_type": "gated", "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem" });
    let incident = office.incident("source", &nobody).await;
    office.run(incident).await;
    office.work().await;
    let done = office.detail(incident).await;
    assert_eq!((done.runs[0].status, done.approvals.len()), (RunStatus::Succeeded, 0));
    assert_eq!(statuses(&done), [StepStatus::Succeeded, StepStatus::Skipped, StepStatus::Succeeded]);
}

async fn a_gate_that_is_skipped_on_the_way_still_asks_as_many_people(on: On) {
    let office = Office::with_playbooks(&on, &[("skipped.yaml", SKIPPED_GATE)]).await;
    let incident = office.incident("source", &alert()).await;
    let whole = office.run(incident).await.approval.unwrap();
    office.decide("ben", &whole, Decision::Approve).await.unwrap();
    office.decide("cat", &whole, Decision::Approve).await.unwrap();
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!(statuses(&waiting), [StepStatus::Succeeded, StepStatus::Skipped, StepStatus::Pending]);
    let rest = waiting.approvals.iter().find(|approval| approval.status == ApprovalStatus::Pending).unwrap();
    assert_eq!((rest.quorum, rest.expires_at.since_ms(rest.requested_at)), (2, 60 * 60 * 1000));
    assert_eq!(rest.reasons[0].rule, "gate");
    assert!(!office.trail(incident).await.contains(&"APPROVAL_STALE"), "the first signature held");
    office.decide("ben", rest, Decision::Approve).await.unwrap();
    office.work().await;
    assert_eq!(office.detail(incident).await.runs[0].status, RunStatus::AwaitingApproval);
    office.decide("cat", rest, Decision::Approve).await.unwrap();
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::Contained);
}

async fn a_parameter_that_has_no_value_at_the_gate_ends_the_run(on: On) {
    let nothing = GATED.replace("${{ alert.user.name }}", "${{ steps.look.output.nothing }}");
    let office = Office::with_playbooks(&on, &[("gated.yaml", &nothing)]).await;
    let incident = office.incident("source", &alert()).await;
    office.run(incident).await;
    office.work().await;
    let ended = office.detail(incident).await;
    assert_eq!((ended.incident.state, ended.runs[0].status), (State::Classified, RunStatus::Failed));
    assert!(ended.runs[0].error.as_deref().unwrap().contains("/actions/lock/with/user"), "{:?}", ended.runs[0].error);
    assert!(office.trail(incident).await.contains(&"PLAYBOOK_FAILED"));
    assert_eq!(office.store.jobs().count().await.unwrap(), 0);
}

async fn a_rejected_gate_ends_the_run_and_what_was_done_stays_done(on: On) {
    let office = Office::with_playbooks(&on, &[("gated.yaml", GATED)]).await;
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
