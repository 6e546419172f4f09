//! Somebody who can write to the database changes what would run after people have signed it: nothing of it runs.

use domain::approval::Decision;
use domain::digest::Digest;
use domain::run::{RunStatus, StepStatus};
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::office::Office;

on_both! {
    a_plan_whose_text_was_changed_does_not_run
    a_plan_that_nobody_signed_does_not_run
    a_plan_of_another_run_does_not_run
    a_plan_that_was_put_in_the_place_of_the_signed_one_everywhere_does_not_run
}

fn brute_force() -> Value {
    json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3, "source": "siem",
        "context": { "ip": "91.23.11.9", "target_account": "admin", "privileged_account": true } })
}

async fn expect_that_nothing_ran(office: &Office, incident: domain::id::IncidentId, error: &str) {
    let ended = office.detail(incident).await;
    assert_eq!(ended.runs[0].status, RunStatus::Failed);
    assert!(ended.runs[0].error.as_deref().unwrap().contains(error), "{:?}", ended.runs[0].error);
    assert!(ended.runs[0].steps.iter().all(|step| step.status == StepStatus::Pending));
    assert!(office.trail(incident).await.contains(&"PLAYBOOK_FAILED"));
    assert_eq!(office.store.jobs().count().await.unwrap(), 0);
}

async fn a_plan_whose_text_was_changed_does_not_run(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    office.decide("ben", &approval, Decision::Approve).await.unwrap();
    office.unlock("plans").await;
    office.sql("UPDATE plans SET body = replace(body, '91.23.11.9', '10.0.0.1')").await;
    office.work().await;
    let digest = approval.plan_digest;
    expect_that_nothing_ran(&office, incident, &format!("the stored plan is not the one with the digest {digest}")).await;
    // Of the run, and of its approval, which was looked at since.
    assert_eq!(office.trail(incident).await.iter().filter(|action| **action == "TAMPERING_FOUND").count(), 2);
}

/// Another text is put in force, whole and with its right digest.
async fn put_in_force(office: &Office, first: &Digest, incident: i64) {
    let body = json!({ "plan_digest": first, "from_step": "reputation", "actions": [] }).to_string();
    let digest = Digest::of(body.as_bytes());
    office
        .sql(&format!("INSERT INTO plans (digest, incident_id, body, created_at) VALUES ('{digest}', {incident}, '{body}', 0)"))
        .await;
    office.sql(&format!("UPDATE runs SET current_plan_digest = '{digest}'")).await;
}

async fn a_plan_that_nobody_signed_does_not_run(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    office.decide("ben", &approval, Decision::Approve).await.unwrap();
    put_in_force(&office, &approval.plan_digest, incident.number()).await;
    office.work().await;
    expect_that_nothing_ran(&office, incident, "not the one that was signed").await;
}

async fn a_plan_of_another_run_does_not_run(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    office.decide("ben", &approval, Decision::Approve).await.unwrap();
    put_in_force(&office, &Digest::of(b"another run's plan"), incident.number()).await;
    office.unlock("grants").await;
    office.sql("UPDATE grants SET plan_digest = (SELECT current_plan_digest FROM runs)").await;
    office.work().await;
    expect_that_nothing_ran(&office, incident, "of another run").await;
}

/// Only the log still says what was asked about.
async fn a_plan_that_was_put_in_the_place_of_the_signed_one_everywhere_does_not_run(on: On) {
    let office = Office::with_playbooks(&on, &[]).await;
    let incident = office.incident("source", &brute_force()).await;
    let approval = office.run(incident).await.approval.unwrap();
    office.decide("ben", &approval, Decision::Approve).await.unwrap();
    let body = domain::canonical::to_json(&approval.plan).replace("91.23.11.9", "10.0.0.1");
    let digest = Digest::of(body.as_bytes());
    let (incident_id, body) = (incident.number(), body.replace('\'', "''"));
    let insert =
        format!("INSERT INTO plans (digest, incident_id, body, created_at) VALUES ('{digest}', {incident_id}, '{body}', 0)");
    office.sql(&insert).await;
    for table in ["runs", "approvals"] {
        office.unfreeze(table).await;
    }
    office.unlock("grants").await;
    office.sql(&format!("UPDATE runs SET plan_digest = '{digest}', current_plan_digest = '{digest}'")).await;
    office.sql(&format!("UPDATE approvals SET plan_digest = '{digest}'")).await;
    office.sql(&format!("UPDATE grants SET plan_digest = '{digest}'")).await;
    office.work().await;
    expect_that_nothing_ran(&office, incident, "not the one that was signed").await;
}
