//! The main job, end to end: a source posts an alert, an analyst runs a playbook, an approver signs, the incident is contained.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::installation::{Client, Installation, outbox};
use crate::on_both_databases;

on_both_databases!(
    a_signed_plan_contains_the_incident,
    who_contributed_cannot_decide,
    a_rejection_sends_the_incident_back,
    a_moderate_phishing_alert_needs_no_signature,
    a_cancelled_run_withdraws_its_approval,
    an_incident_moves_by_hand_as_the_table_says,
);

/// The alert of the main job.
pub fn brute_force() -> Value {
    json!({ "incident_type": "brute_force", "impact": 4, "likelihood": 4, "confidence": 3,
        "context": { "ip": "91.23.11.9", "target_account": "admin", "privileged_account": true, "window_minutes": 5, "failed_attempts": 20 } })
}

/// Posts the alert; the incident's id.
pub async fn incident(installation: &Installation) -> String {
    let receipt = installation.source().post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    receipt["incident_id"].as_str().unwrap().to_owned()
}

/// Asks again until the incident is in this state; the test command's own time limit ends what never comes.
pub async fn until_state(client: &Client<'_>, incident: &str, state: &str) -> Value {
    loop {
        let found = client.get(&format!("/api/v1/incidents/{incident}")).await.expect(StatusCode::OK);
        if found["state"] == state {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// An analyst asks for the run, an approver signs it, and the incident is contained.
pub async fn approve_and_contain(installation: &Installation, incident: &str) {
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let asked = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    approver.post(&decide, &decision("approve", &approval["plan_digest"])).await.expect(StatusCode::OK);
    until_state(&analyst, incident, "contained").await;
}

/// What the timeline of this incident's detail tells, newest first, without the notifications, which come at any time after a change.
pub fn told(detail: &Value) -> Vec<&str> {
    let actions = detail["timeline"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap());
    actions.filter(|action| *action != "NOTIFICATION_QUEUED").collect()
}

fn decision(decision: &str, digest: &Value) -> Value {
    json!({ "decision": decision, "reason": "confirmed with the account's owner", "plan_digest": digest })
}

async fn a_signed_plan_contains_the_incident(installation: Installation) {
    let receipt = installation.source().post("/alerts/ingest", &brute_force()).await.expect(StatusCode::CREATED);
    assert_eq!(
        (&receipt["risk_score"], &receipt["severity"], &receipt["severity_label"]),
        (&json!(66), &json!("S2"), &json!("high"))
    );
    assert_eq!(receipt["state"], "classified");
    let id = receipt["incident_id"].as_str().unwrap();
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);

    let plan = analyst.get(&format!("/api/v1/incidents/{id}/plan")).await.expect(StatusCode::OK);
    let asked = analyst
        .post(&format!("/api/v1/incidents/{id}/run"), &json!({ "plan_digest": plan["digest"] }))
        .await
        .expect(StatusCode::ACCEPTED);
    assert_eq!((&asked["run"]["status"], &asked["run"]["plan_digest"]), (&json!("awaiting_approval"), &plan["digest"]));
    until_state(&analyst, id, "awaiting_approval").await;
    assert_eq!(
        signed_digest(&asked["approval"]["plan"]),
        asked["approval"]["plan_digest"],
        "the digest is that of the stored plan"
    );

    let decide = format!("/api/v1/approvals/{}/decide", asked["approval"]["id"].as_str().unwrap());
    let vote = decision("approve", &plan["digest"]);
    analyst.post(&decide, &vote).await.expect_problem(403, "forbidden");
    analyst.post(&decide, &json!({})).await.expect_problem(403, "forbidden");
    installation.reader().post(&decide, &vote).await.expect_problem(403, "forbidden");
    approver
        .post(&decide, &json!({ "decision": "approve", "reason": "too short", "plan_digest": plan["digest"] }))
        .await
        .expect_problem(422, "invalid");
    approver.post(&decide, &decision("approve", &json!("0".repeat(64)))).await.expect_problem(409, "plan-changed");
    let decided = approver.post(&decide, &vote).await.expect(StatusCode::OK);
    assert_eq!(decided["status"], "approved");
    approver.post(&decide, &vote).await.expect_problem(409, "not-pending");

    let contained = until_state(&analyst, id, "contained").await;
    assert_eq!(contained["runs"][0]["status"], "succeeded");
    assert_eq!(outbox(installation.folder.path()).len(), 1, "one message, whatever happened");
    expect_trail(&installation.person("auditor").await, id).await;
}

/// The digest that a client computes on its own: SHA-256 of the RFC 8785 JSON of the plan as it is shown.
fn signed_digest(plan: &Value) -> Value {
    json!(domain::digest::Digest::of(domain::canonical::to_json(plan).as_bytes()))
}

async fn expect_trail(auditor: &Client<'_>, id: &str) {
    let log = auditor.get(&format!("/api/v1/audit-logs?incident_id={id}&order=asc&limit=200")).await.expect(StatusCode::OK);
    let actions: Vec<&str> = log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let mut expected = vec!["ALERT_INGESTED", "INCIDENT_CREATED", "APPROVAL_REQUESTED", "APPROVAL_DECIDED", "PLAYBOOK_STARTED"];
    expected.extend(["ACTION_STARTED", "ACTION_SUCCEEDED"].repeat(4));
    expected.push("PLAYBOOK_COMPLETED");
    let mut rest = actions.iter();
    for action in expected {
        assert!(rest.any(|found| *found == action), "{action} in its place among {actions:?}");
    }
}

async fn who_contributed_cannot_decide(installation: Installation) {
    let id = incident(&installation).await;
    let both = installation.person("both").await;
    let asked = both.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    assert_eq!(approval["can_decide"], false);
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    both.post(&decide, &decision("approve", &approval["plan_digest"])).await.expect_problem(409, "separation-of-duties");
    both.post(&decide, &decision("reject", &approval["plan_digest"])).await.expect_problem(409, "separation-of-duties");
    let auditor = installation.person("auditor").await;
    let log = auditor.get(&format!("/api/v1/audit-logs?incident_id={id}")).await.expect(StatusCode::OK);
    let refused = log["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "DECISION_REFUSED").count();
    assert_eq!(refused, 2);
}

async fn a_rejection_sends_the_incident_back(installation: Installation) {
    let id = incident(&installation).await;
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let run = format!("/api/v1/incidents/{id}/run");
    let asked = analyst.post(&run, &json!({})).await.expect(StatusCode::ACCEPTED);
    analyst.post(&run, &json!({})).await.expect_problem(409, "run-active");
    let decide = format!("/api/v1/approvals/{}/decide", asked["approval"]["id"].as_str().unwrap());
    approver.post(&decide, &decision("reject", &asked["approval"]["plan_digest"])).await.expect(StatusCode::OK);
    let back = until_state(&analyst, &id, "classified").await;
    assert_eq!(back["runs"][0]["status"], "rejected");
    assert_eq!(outbox(installation.folder.path()), Vec::<String>::new(), "nothing was done");
    analyst.post(&run, &json!({})).await.expect(StatusCode::ACCEPTED);
}

async fn a_moderate_phishing_alert_needs_no_signature(installation: Installation) {
    let alert = json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 });
    let receipt = installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    assert_eq!((&receipt["risk_score"], &receipt["severity"]), (&json!(29), &json!("S4")));
    let id = receipt["incident_id"].as_str().unwrap();
    let analyst = installation.person("analyst").await;
    let asked = analyst.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    assert_eq!(asked["approval"], Value::Null);
    until_state(&analyst, id, "contained").await;
}

async fn a_cancelled_run_withdraws_its_approval(installation: Installation) {
    let id = incident(&installation).await;
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let asked = analyst.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let run = asked["run"]["id"].as_str().unwrap();
    let cancelled = analyst.post_nothing(&format!("/api/v1/runs/{run}/cancel")).await.expect(StatusCode::OK);
    assert_eq!(cancelled["status"], "cancelled");
    let approval = asked["approval"]["id"].as_str().unwrap();
    let withdrawn = approver.get(&format!("/api/v1/approvals/{approval}")).await.expect(StatusCode::OK);
    assert_eq!((&withdrawn["status"], &withdrawn["can_decide"]), (&json!("withdrawn"), &json!(false)));
    until_state(&analyst, &id, "classified").await;
}

async fn an_incident_moves_by_hand_as_the_table_says(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let path = format!("/api/v1/incidents/{id}/transition");
    let refused =
        analyst.post(&path, &json!({ "to": "resolved", "reason": "no" })).await.expect_problem(409, "illegal-transition");
    assert_eq!(refused["allowed"], json!(["in_progress", "closed"]));
    analyst.post(&path, &json!({ "to": "closed" })).await.expect_problem(422, "invalid");
    for (to, verdict) in [
        ("in_progress", Value::Null),
        ("contained", Value::Null),
        ("resolved", Value::Null),
        ("closed", json!("malicious")),
        ("classified", Value::Null),
    ] {
        let request = json!({ "to": to, "reason": "as the shift decided", "verdict": verdict });
        let moved = analyst.post(&path, &request).await.expect(StatusCode::OK);
        assert_eq!(moved["state"], to);
    }
}
