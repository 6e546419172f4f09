//! What becomes of an approval that nobody decides, of one whose approver loses the role, and of who may decide at all.

use api::ProblemCode;
use api::approvals::DecisionRequest;
use domain::approval::{ApprovalStatus, Decision};
use domain::incident::State;
use domain::run::RunStatus;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use service::clock::Clock;

use crate::database::{On, on_both};
use crate::office::Office;

on_both! {
    an_undecided_approval_expires_by_the_databases_clock
    a_vote_of_somebody_who_lost_the_role_does_not_start_the_run
    who_posted_the_alert_by_hand_cannot_decide
    a_quorum_of_two_needs_two_people
    a_vote_of_somebody_who_was_disabled_leaves_the_rest_to_others
    somebody_who_lost_the_role_meanwhile_is_refused
    what_can_be_decided_is_a_matter_of_the_databases_clock
    a_list_takes_as_many_statements_as_one_approval
    a_decided_approval_leaves_no_job_behind
}

fn brute_force() -> Value {
    json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3, "source": "siem",
        "context": { "ip": "91.23.11.9", "target_account": "admin", "privileged_account": true } })
}

async fn an_undecided_approval_expires_by_the_databases_clock(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let asked = office.run(incident).await;
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::AwaitingApproval, "it is not time yet");
    office.sql("UPDATE approvals SET expires_at = 1").await;
    office.make_jobs_due().await;
    let late = office.decide("ben", asked.approval.as_ref().unwrap(), Decision::Approve).await.unwrap_err();
    assert_eq!(late.code, ProblemCode::NotPending);
    office.work().await;
    office.work().await;
    let detail = office.detail(incident).await;
    assert_eq!((detail.incident.state, detail.runs[0].status), (State::Classified, RunStatus::Rejected));
    assert_eq!((detail.runs[0].error.as_deref(), detail.approvals[0].status), (Some("expired"), ApprovalStatus::Expired));
    assert_eq!(office.trail(incident).await.iter().filter(|action| **action == "APPROVAL_EXPIRED").count(), 1);
}

async fn a_vote_of_somebody_who_lost_the_role_does_not_start_the_run(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let asked = office.run(incident).await;
    let first = asked.approval.unwrap();
    office.decide("ben", &first, Decision::Approve).await.unwrap();
    office.sql("UPDATE users SET roles = 'auditor' WHERE username = 'ben'").await;
    office.work().await;
    let waiting = office.detail(incident).await;
    assert_eq!((waiting.incident.state, waiting.runs[0].status), (State::AwaitingApproval, RunStatus::AwaitingApproval));
    let second = waiting.approvals.iter().find(|approval| approval.status == ApprovalStatus::Pending).unwrap();
    assert_eq!(second.plan_digest, first.plan_digest, "asked anew on the same plan");
    assert!(office.trail(incident).await.contains(&"APPROVAL_STALE"));
    office.decide("cat", second, Decision::Approve).await.unwrap();
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::Contained);
}

async fn who_posted_the_alert_by_hand_cannot_decide(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    office.sql("UPDATE users SET roles = 'analyst approver' WHERE username = 'ben'").await;
    let incident = office.incident("ben", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    let refused = office.decide("ben", &approval, Decision::Approve).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::SeparationOfDuties);
    office.decide("cat", &approval, Decision::Approve).await.unwrap();
}

async fn a_quorum_of_two_needs_two_people(on: On) {
    let two =
        include_str!("../../../../playbooks/library/brute_force.yaml").replace("quorum: 1, expires_in", "quorum: 2, expires_in");
    let office = Office::with_playbooks(&on, &[("two.yaml", &two)]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    assert_eq!(approval.quorum, 2);
    assert_eq!(office.decide("ben", &approval, Decision::Approve).await.unwrap().status, ApprovalStatus::Pending);
    assert_eq!(office.decide("ben", &approval, Decision::Approve).await.unwrap_err().code, ProblemCode::AlreadyVoted);
    assert_eq!(office.decide("cat", &approval, Decision::Approve).await.unwrap().status, ApprovalStatus::Approved);
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::Contained);
}

async fn a_vote_of_somebody_who_was_disabled_leaves_the_rest_to_others(on: On) {
    let two =
        include_str!("../../../../playbooks/library/brute_force.yaml").replace("quorum: 1, expires_in", "quorum: 2, expires_in");
    let office = Office::with_playbooks(&on, &[("two.yaml", &two)]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    office.decide("ben", &approval, Decision::Approve).await.unwrap();
    office.sql("UPDATE users SET disabled_at = 1 WHERE username = 'ben'").await;
    assert_eq!(office.decide("cat", &approval, Decision::Approve).await.unwrap().status, ApprovalStatus::Pending);
    assert_eq!(office.decide("dan", &approval, Decision::Approve).await.unwrap().status, ApprovalStatus::Approved);
    office.work().await;
    assert_eq!(office.detail(incident).await.incident.state, State::Contained);
}

/// The request was let in before the role was taken away.
async fn somebody_who_lost_the_role_meanwhile_is_refused(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    let (ben, cat) = (office.caller("ben").await, office.caller("cat").await);
    office.sql("UPDATE users SET roles = 'analyst' WHERE username = 'ben'").await;
    office.sql("UPDATE users SET disabled_at = 1 WHERE username = 'cat'").await;
    for caller in [ben, cat] {
        let request = DecisionRequest {
            decision: Decision::Approve,
            reason: "looked at it closely".into(),
            plan_digest: approval.plan_digest,
        };
        let refused = office.backend().approvals.decide(&caller, approval.id, request).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Forbidden);
    }
    let refusals = office.trail(incident).await.iter().filter(|action| **action == "DECISION_REFUSED").count();
    assert_eq!(refusals, 2);
}

/// This process believes that it is 1970.
async fn what_can_be_decided_is_a_matter_of_the_databases_clock(on: On) {
    let mut office = Office::with_playbooks(&on, &[]).await;
    office.restart_at(Clock::Fixed(Timestamp::from_unix_ms(0))).await;
    let incident = office.incident("source", &brute_force()).await;
    let id = office.run(incident).await.approval.unwrap().id;
    let seen = async || office.backend().approvals.get(&office.caller("ben").await, id).await.unwrap();
    let open = seen().await;
    assert!(open.can_decide);
    assert!(open.requested_at.unix_ms() > 0);
    assert_eq!(open.expires_at.since_ms(open.requested_at), 4 * 60 * 60 * 1000);
    office.sql("UPDATE approvals SET expires_at = requested_at").await;
    assert_eq!(seen().await.why_not.as_deref(), Some("The approval is expired."));
}

async fn a_list_takes_as_many_statements_as_one_approval(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let caller = office.caller("ben").await;
    let mut counts = Vec::new();
    for host in ["one", "two", "three"] {
        let alert = json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3, "source": "siem",
            "hostname": host, "username": host, "context": { "privileged_account": true } });
        let incident = office.incident("source", &alert).await;
        office.run(incident).await;
        let before = office.store.statement_count();
        let page = office.backend().approvals.list(&caller, api::PageRequest::default()).await.unwrap();
        counts.push((page.items.len(), office.store.statement_count() - before));
    }
    let statements = counts[0].1;
    assert_eq!(counts, [(1, statements), (2, statements), (3, statements)]);
}

async fn a_decided_approval_leaves_no_job_behind(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    for decision in [Decision::Approve, Decision::Reject] {
        let incident = office.incident("source", &brute_force()).await;
        let asked = office.run(incident).await;
        assert_eq!(office.store.jobs().count().await.unwrap(), 1);
        office.decide("ben", &asked.approval.unwrap(), decision).await.unwrap();
        office.work().await;
        assert_eq!(office.store.jobs().count().await.unwrap(), 0, "{decision}");
    }
    let incident = office.incident("source", &brute_force()).await;
    let run = office.run(incident).await.run.id;
    office.backend().runs.cancel(&office.caller("ann").await, run).await.unwrap();
    assert_eq!(office.store.jobs().count().await.unwrap(), 0, "withdrawn");
}
