//! What asks for a signature is nothing that the asker can change, and what was signed is what runs.

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::grant::Gated;
use domain::incident::State;
use domain::plan::{Plan, PlannedAction, RunMode};
use domain::run::RunStatus;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::{NewJob, NewRun, NewStep, StoreError, StoredPlan, Trail};

use crate::installation::{Client, Installation};
use crate::main_job::until_state;
use crate::on_both_databases;
use crate::second_person::sign;

on_both_databases!(
    a_verdict_of_the_asker_does_not_make_a_run_unsigned,
    closing_reopening_and_moving_do_not_either,
    nor_does_merging_in_either_direction,
    nor_do_other_tags_or_another_title,
    a_target_that_a_person_posted_is_signed_for,
    what_a_key_of_an_analyst_posts_is_posted_by_hand,
    edits_after_the_signature_change_nothing_of_what_runs,
    a_plan_of_an_older_version_is_signed_anew_where_its_steps_read_the_incident,
);

/// Puts a playbook for incidents of a type of its own in force.
pub async fn playbook(installation: &Installation, rest: &str) {
    let text = format!("id: PB-DUTY\nname: Duty\nincident_type: duty\n{rest}");
    let admin = installation.person("admin").await;
    let request = admin.request(Method::PUT, "/api/v1/playbooks/PB-DUTY").header("content-type", "application/yaml");
    admin.send(request.body(text)).await.expect(StatusCode::CREATED);
}

pub async fn posted(client: &Client<'_>, alert: Value) -> String {
    let receipt = client.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    receipt["incident_id"].as_str().unwrap().to_owned()
}

pub fn duty(severity: &str) -> Value {
    json!({ "incident_type": "duty", "severity": severity, "src_ip": "198.51.100.7", "title": "First" })
}

/// The rules that ask, each with whether it is a past one, as the plan and the approval of the run say them alike.
async fn asked_by(analyst: &Client<'_>, incident: &str) -> Vec<(String, bool)> {
    let plan = analyst.get(&format!("/api/v1/incidents/{incident}/plan")).await.expect(StatusCode::OK);
    let asked = analyst.post(&format!("/api/v1/incidents/{incident}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    assert_eq!(asked["run"]["plan_digest"], plan["digest"]);
    assert_eq!(asked["approval"].is_null(), plan["approval"]["required"] == false, "{asked}");
    let reasons = plan["approval"]["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| (reason["rule"].as_str().unwrap().to_owned(), reason["past"] == true)).collect()
}

fn past(rule: &str) -> (String, bool) {
    (rule.to_owned(), true)
}

fn now(rule: &str) -> (String, bool) {
    (rule.to_owned(), false)
}

async fn a_verdict_of_the_asker_does_not_make_a_run_unsigned(installation: Installation) {
    let rest = "requires_approval_if: { severity_at_least: S2 }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n";
    playbook(&installation, rest).await;
    let analyst = installation.person("analyst").await;
    let incident = posted(&installation.source(), duty("critical")).await;
    let path = format!("/api/v1/incidents/{incident}");
    let benign = json!({ "verdict": "benign", "verdict_reason": "it is only an update" });
    let edited = analyst.patch(&path, &benign).await.expect(StatusCode::OK);
    assert_eq!(edited["severity"], "S3");
    assert_eq!(asked_by(&analyst, &incident).await, [past("severity_at_least"), past("governance")]);
}

async fn closing_reopening_and_moving_do_not_either(installation: Installation) {
    let rest = "requires_approval_if: { verdict_in: [malicious], condition: \"incident.state == 'classified'\" }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n";
    playbook(&installation, rest).await;
    let analyst = installation.person("analyst").await;
    let incident = posted(&installation.source(), duty("low")).await;
    let path = format!("/api/v1/incidents/{incident}");
    let set = |verdict: &str| json!({ "verdict": verdict, "verdict_reason": "seen before" });
    analyst.patch(&path, &set("malicious")).await.expect(StatusCode::OK);
    analyst.patch(&path, &set("suspicious")).await.expect(StatusCode::OK);
    let move_to = |to: &str| json!({ "to": to, "reason": "seen before" });
    for to in ["closed", "classified", "in_progress"] {
        analyst.post(&format!("{path}/transition"), &move_to(to)).await.expect(StatusCode::OK);
    }
    assert_eq!(asked_by(&analyst, &incident).await, [past("condition"), past("verdict_in")]);
}

async fn nor_does_merging_in_either_direction(installation: Installation) {
    let rest = "requires_approval_if: { severity_at_least: S2, condition: \"has(context.failed) && context.failed > 500\" }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n";
    playbook(&installation, rest).await;
    let analyst = installation.person("analyst").await;
    let source = installation.source();
    let other = json!({ "incident_type": "other", "severity": "informational", "src_ip": "203.0.113.1", "title": "Older" });
    let older = posted(&source, other).await;
    let failed = json!({ "incident_type": "duty", "severity": "low", "src_ip": "203.0.113.2", "context": { "failed": 501 } });
    let incident = posted(&source, failed).await;
    // The older alert does not become the first one of the incident that takes it.
    analyst.post(&format!("/api/v1/incidents/{older}/merge"), &json!({ "into": incident })).await.expect(StatusCode::OK);
    let plan = analyst.get(&format!("/api/v1/incidents/{incident}/plan")).await.expect(StatusCode::OK);
    assert_eq!(plan["actions"][0]["parameters"]["ip"], "203.0.113.2");
    assert_eq!(asked_by(&analyst, &incident).await, [now("condition")]);
    // What the merged incident was asks where its alerts are now.
    let severe = json!({ "incident_type": "duty", "severity": "high", "src_ip": "203.0.113.3", "title": "Severe" });
    let severe = posted(&source, severe).await;
    let benign = json!({ "verdict": "benign", "verdict_reason": "seen before" });
    analyst.patch(&format!("/api/v1/incidents/{severe}"), &benign).await.expect(StatusCode::OK);
    let weak = json!({ "incident_type": "duty", "impact": 1, "likelihood": 1, "src_ip": "203.0.113.4", "title": "Weak" });
    let weak = posted(&source, weak).await;
    analyst.patch(&format!("/api/v1/incidents/{weak}"), &benign).await.expect(StatusCode::OK);
    analyst.post(&format!("/api/v1/incidents/{severe}/merge"), &json!({ "into": weak })).await.expect(StatusCode::OK);
    assert_eq!(asked_by(&analyst, &weak).await, [past("severity_at_least")]);
}

async fn nor_do_other_tags_or_another_title(installation: Installation) {
    let rest = "requires_approval_if: { condition: \"'vip' in incident.tags || incident.title == 'First'\" }\n\
                actions:\n  - { id: block, action: block_ip, with: { ip: \"${{ alert.source.ip }}\" } }\n";
    playbook(&installation, rest).await;
    let analyst = installation.person("analyst").await;
    let mut alert = duty("low");
    alert["tags"] = json!(["vip"]);
    let incident = posted(&installation.source(), alert).await;
    let path = format!("/api/v1/incidents/{incident}");
    analyst.patch(&path, &json!({ "tags": [] })).await.expect(StatusCode::OK);
    analyst.patch(&path, &json!({ "title": "Second" })).await.expect(StatusCode::OK);
    assert_eq!(asked_by(&analyst, &incident).await, [past("condition")]);
}

async fn a_target_that_a_person_posted_is_signed_for(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let alerts = [
        json!({ "incident_type": "phishing", "severity": "informational", "domain": "phish.example", "email": "a@phish.example" }),
        json!({ "incident_type": "suspicious_login", "severity": "informational", "username": "jdoe" }),
        json!({ "incident_type": "beaconing", "severity": "informational", "domain": "c2.example" }),
    ];
    for alert in alerts {
        let by_source = posted(&installation.source(), alert.clone()).await;
        assert_eq!(asked_by(&analyst, &by_source).await, [], "{alert}");
        until_state(&analyst, &by_source, "contained").await;
    }
    let by_hand = json!({ "incident_type": "phishing", "severity": "informational", "domain": "mine.example" });
    let incident = posted(&analyst, by_hand).await;
    assert_eq!(asked_by(&analyst, &incident).await, [now("governance")]);
}

async fn what_a_key_of_an_analyst_posts_is_posted_by_hand(installation: Installation) {
    installation.grant("admin", "admin analyst").await;
    let admin = installation.person("admin").await;
    let make = |name: &str| json!({ "name": name, "scopes": ["alerts:write"] });
    let mine = admin.post("/api/v1/api-keys", &make("mine")).await.expect(StatusCode::CREATED);
    let with = |key: &Value| installation.with_key(key["key"].as_str().unwrap());
    let phishing = |domain: &str| json!({ "incident_type": "phishing", "severity": "informational", "domain": domain });
    let analyst = installation.person("analyst").await;
    let incident = posted(&with(&mine), phishing("mine.example")).await;
    assert_eq!(asked_by(&analyst, &incident).await, [now("governance")]);
    // Nobody who is not an analyst has a hand in it, until they become one.
    installation.grant("admin", "admin").await;
    let theirs = admin.post("/api/v1/api-keys", &make("theirs")).await.expect(StatusCode::CREATED);
    let incident = posted(&with(&theirs), phishing("theirs.example")).await;
    assert_eq!(asked_by(&analyst, &incident).await, []);
    installation.grant("admin", "admin analyst").await;
    let incident = posted(&with(&theirs), phishing("later.example")).await;
    assert_eq!(asked_by(&analyst, &incident).await, [now("governance")]);
}

async fn edits_after_the_signature_change_nothing_of_what_runs(installation: Installation) {
    let rest = r#"requires_approval_if: { destructive: true }
actions:
  - { id: look, action: enrich }
  - id: call
    action: http_request
    with: { url: "https://api.example/", method: "${{ steps.look.output.verdict == 'unknown' ? incident.title : 'GET' }}" }
  - id: skipped
    action: http_request
    when: "steps.look.status == 'succeeded' && incident.title == 'DELETE'"
    with: { url: "https://api.example/" }
  - id: block
    action: block_ip
    approval: { quorum: 1 }
    with: { ip: "${{ alert.source.ip }}", duration: "${{ steps.look.status == 'failed' ? '1h' : incident.tags[0] }}" }
on_success: { transition: contained }
"#;
    playbook(&installation, rest).await;
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let mut alert = duty("low");
    (alert["title"], alert["tags"]) = (json!("POST"), json!(["24h"]));
    let incident = posted(&installation.source(), alert).await;
    let path = format!("/api/v1/incidents/{incident}");
    let asked = analyst.post(&format!("{path}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    assert_eq!(asked["approval"]["plan"]["facts"], json!({ "incident.tags": ["24h"], "incident.title": "POST" }));
    let edited = json!({ "title": "DELETE", "tags": ["366d"] });
    analyst.patch(&path, &edited).await.expect(StatusCode::OK);
    sign(&approver, &asked["approval"]).await.expect(StatusCode::OK);
    let run = format!("/api/v1/runs/{}", asked["run"]["id"].as_str().unwrap());
    let gate = loop {
        let run = analyst.get(&run).await.expect(StatusCode::OK);
        if run["status"] == "awaiting_approval" && run["approval_id"] != asked["approval"]["id"] {
            break analyst
                .get(&format!("/api/v1/approvals/{}", run["approval_id"].as_str().unwrap()))
                .await
                .expect(StatusCode::OK);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(gate["plan"]["actions"][0]["parameters"]["duration"], "24h");
    sign(&approver, &gate).await.expect(StatusCode::OK);
    until_state(&analyst, &incident, "contained").await;
    let steps = analyst.get(&run).await.expect(StatusCode::OK)["steps"].take();
    assert_eq!(steps[1]["input"], json!({ "url": "https://api.example/", "method": "POST" }));
    assert_eq!(steps[2]["status"], "skipped");
    assert_eq!(steps[3]["input"], json!({ "ip": "198.51.100.7", "duration": "24h" }));
}

/// A run as an older version asked for it: its plan holds nothing of what its steps read.
async fn older_run(installation: &Installation, incident: &str, gated: Gated) -> String {
    let reader = installation.reader();
    let mut plan = reader.get(&format!("/api/v1/incidents/{incident}/plan")).await.expect(StatusCode::OK);
    let members = plan.as_object_mut().unwrap();
    members.remove("digest");
    members.remove("facts");
    let plan: Plan = serde_json::from_value(plan).unwrap();
    let (digest, at) = (plan.digest(), installation.running.store.now().await.unwrap());
    let step = |action: &PlannedAction| NewStep {
        id: action.step.clone(),
        action: action.action,
        connector: action.connector.clone(),
        gated: if action.gate.is_some() { gated.clone() } else { Gated::Nowhere },
    };
    let new = NewRun {
        incident_id: plan.incident_id,
        playbook_id: plan.playbook.id.clone(),
        playbook_digest: plan.playbook.digest,
        plan_digest: digest,
        mode: RunMode::Live,
        status: RunStatus::Queued,
        requested_by: None,
        approval_required: false,
        asked_from: State::Classified,
        requested_at: at,
        steps: plan.actions.iter().map(step).collect(),
    };
    let stored = StoredPlan { digest, incident_id: plan.incident_id, body: plan.canonical(), created_at: at };
    let taken_up = take_up(installation, incident).await;
    assert_eq!(taken_up, StatusCode::OK);
    let asked = installation.running.store.write(move |tx| async move {
        tx.plans().insert_if_new(&stored).await?;
        let id = tx.runs().insert(&new).await?;
        tx.jobs().enqueue(&NewJob { kind: "advance_run".to_owned(), subject: id.to_string(), run_after: at }).await?;
        let entry = EntryDraft::new(&Origin::system(), AuditAction::RunRequested, Target::run(id));
        Ok::<_, StoreError>(Trail::new(id, vec![entry]))
    });
    asked.await.unwrap().to_string()
}

/// Where a run without a signature takes its incident.
async fn take_up(installation: &Installation, incident: &str) -> StatusCode {
    let path = format!("/api/v1/incidents/{incident}/transition");
    installation.person("analyst").await.post(&path, &json!({ "to": "in_progress" })).await.status
}

async fn until_run(client: &Client<'_>, run: &str, status: &str) -> Value {
    loop {
        let found = client.get(&format!("/api/v1/runs/{run}")).await.expect(StatusCode::OK);
        if found["status"] == status {
            return found;
        }
        assert!(found["finished_at"].is_null(), "{found}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn a_plan_of_an_older_version_is_signed_anew_where_its_steps_read_the_incident(installation: Installation) {
    let rest = |gate: &str| {
        format!(
            "actions:\n  - {{ id: look, action: enrich }}\n  - id: call\n    action: http_request\n    {gate}\n    \
             when: \"steps.look.status == 'succeeded'\"\n    \
             with: {{ url: \"https://api.example/\", body: {{ title: \"${{{{ incident.title + steps.look.status }}}}\" }} }}\n"
        )
    };
    playbook(&installation, &rest("")).await;
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let free = posted(&installation.source(), duty("low")).await;
    let run = older_run(&installation, &free, Gated::Nowhere).await;
    assert_eq!(until_run(&analyst, &run, "failed").await["error"], "plan-changed");

    playbook(&installation, &rest("approval: { quorum: 1 }")).await;
    let mut alert = duty("low");
    alert["src_ip"] = json!("198.51.100.8");
    let incident = posted(&installation.source(), alert).await;
    let run = older_run(&installation, &incident, Gated::AtStep("call".parse().unwrap())).await;
    let waiting = until_run(&analyst, &run, "awaiting_approval").await;
    let approval = format!("/api/v1/approvals/{}", waiting["approval_id"].as_str().unwrap());
    let approval = analyst.get(&approval).await.expect(StatusCode::OK);
    assert_eq!(approval["plan"]["actions"][0]["parameters"]["body"], json!({ "title": "Firstsucceeded" }));
    assert_eq!(approval["plan"]["facts"], json!({}), "its condition reads only what an earlier step did");
    let edited = json!({ "title": "Second" });
    analyst.patch(&format!("/api/v1/incidents/{incident}"), &edited).await.expect(StatusCode::OK);
    sign(&approver, &approval).await.expect(StatusCode::OK);
    let ended = until_run(&analyst, &run, "succeeded").await;
    assert_eq!(ended["steps"][1]["input"]["body"], json!({ "title": "Firstsucceeded" }));
}
