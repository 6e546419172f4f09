//! What an analyst changes of an incident: fields, versions, tasks, and what closing asks for.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Answer, Client, Installation};
use crate::main_job::{incident, told};
use crate::on_both_databases;

on_both_databases!(
    fields_change_and_leave_a_trail,
    everything_that_is_wrong_with_a_patch_is_said_at_once,
    a_change_of_another_version_is_refused,
    a_change_of_another_version_of_a_task_is_refused,
    a_verdict_changes_the_score_and_makes_a_contributor,
    what_was_changed_is_found,
    tasks_are_added_and_done,
    closing_says_what_is_missing,
    a_resource_that_is_known_is_not_sent_again,
    shared_observables_are_told,
);

async fn patch(client: &Client<'_>, path: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PATCH, path).json(body)).await
}

async fn fields_change_and_leave_a_trail(installation: Installation) {
    let path = format!("/api/v1/incidents/{}", incident(&installation).await);
    let analyst = installation.person("analyst").await;
    let body = json!({ "title": " Attack on admin ", "tags": ["vip", "vip", " vpn "], "assignee": "analyst", "analyst_notes": "seen before" });
    let changed = patch(&analyst, &path, &body).await.expect(StatusCode::OK);
    assert_eq!((&changed["title"], &changed["tags"]), (&json!("Attack on admin"), &json!(["vip", "vpn"])));
    assert_eq!((&changed["assignee"]["username"], &changed["analyst_notes"]), (&json!("analyst"), &json!("seen before")));
    assert!(changed["acknowledged_at"].is_string(), "the first human act");
    patch(&analyst, &path, &json!({ "assignee": null })).await.expect(StatusCode::OK);
    patch(&analyst, &path, &json!({})).await.expect(StatusCode::OK);
    let detail = analyst.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&detail["assignee"], &detail["title"]), (&Value::Null, &json!("Attack on admin")));
    let updates: Vec<&Value> =
        detail["timeline"].as_array().unwrap().iter().filter(|item| item["action"] == "INCIDENT_UPDATED").collect();
    assert_eq!(updates.len(), 2, "an empty change leaves no entry");
    assert_eq!(updates[1]["summary"], "Changed title, analyst notes, assignee, tags");
    patch(&installation.person("auditor").await, &path, &body).await.expect_problem(403, "forbidden");
    patch(&analyst, "/api/v1/incidents/INC-0000000099", &body).await.expect_problem(404, "not-found");
}

async fn everything_that_is_wrong_with_a_patch_is_said_at_once(installation: Installation) {
    let path = format!("/api/v1/incidents/{}", incident(&installation).await);
    let analyst = installation.person("analyst").await;
    let body = json!({ "title": " ", "tags": ["", "ok"], "assignee": "approver", "verdict": "benign", "analyst_notes": "x".repeat(65_537) });
    let refused = patch(&analyst, &path, &body).await.expect_problem(422, "invalid");
    let mut pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/analyst_notes", "/assignee", "/tags/0", "/title", "/verdict_reason"]);
    for (body, pointer) in [
        (json!({ "analyst_notes": "a\u{0}b" }), "/analyst_notes"),
        (json!({ "title": null }), "/title"),
        (json!({ "title": "x".repeat(513) }), "/title"),
        (json!({ "verdict": "evil", "verdict_reason": "a reason" }), "/verdict"),
        (json!({ "verdict_reason": "a reason" }), "/verdict_reason"),
        (json!({ "assignee": "nobody" }), "/assignee"),
        (json!({ "tags": (0..65).map(|tag| tag.to_string()).collect::<Vec<_>>() }), "/tags"),
    ] {
        let refused = patch(&analyst, &path, &body).await.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    patch(&analyst, &path, &json!({ "state": "closed" })).await.expect_problem(422, "invalid");
    let plain = analyst.request(Method::PATCH, &path).body("{}");
    analyst.send(plain).await.expect_problem(415, "unsupported-media-type");
}

async fn a_change_of_another_version_is_refused(installation: Installation) {
    let path = format!("/api/v1/incidents/{}", incident(&installation).await);
    let analyst = installation.person("analyst").await;
    let tag = analyst.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
    let with_tag =
        |tag: &str, title: &str| analyst.request(Method::PATCH, &path).header("if-match", tag).json(&json!({ "title": title }));
    let first = analyst.send(with_tag(&tag, "first")).await;
    let next_tag = first.headers["etag"].to_str().unwrap().to_owned();
    first.expect(StatusCode::OK);
    analyst.send(with_tag(&tag, "second")).await.expect_problem(412, "stale-version");
    analyst.send(with_tag("\"nonsense\"", "second")).await.expect_problem(412, "stale-version");
    assert_eq!(analyst.get(&path).await.body["title"], "first");
    analyst.send(with_tag(&next_tag, "third")).await.expect(StatusCode::OK);
    analyst.send(with_tag("*", "fourth")).await.expect(StatusCode::OK);
}

async fn a_change_of_another_version_of_a_task_is_refused(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let tasks = format!("/api/v1/incidents/{}/tasks", incident(&installation).await);
    let task = analyst.post(&tasks, &json!({ "title": "call the owner" })).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let tag = patch(&analyst, &path, &json!({})).await.headers["etag"].to_str().unwrap().to_owned();
    let done =
        |tag: &str, done: bool| analyst.request(Method::PATCH, &path).header("if-match", tag).json(&json!({ "done": done }));
    let first = analyst.send(done(&tag, true)).await;
    let next = first.headers["etag"].to_str().unwrap().to_owned();
    first.expect(StatusCode::OK);
    analyst.send(done(&tag, false)).await.expect_problem(412, "stale-version");
    analyst.send(done(&next, false)).await.expect(StatusCode::OK);
}

async fn a_verdict_changes_the_score_and_makes_a_contributor(installation: Installation) {
    let id = incident(&installation).await;
    let path = format!("/api/v1/incidents/{id}");
    let (analyst, both) = (installation.person("analyst").await, installation.person("both").await);
    let body = json!({ "verdict": "malicious", "verdict_reason": "the address is known" });
    let changed = patch(&both, &path, &body).await.expect(StatusCode::OK);
    assert_eq!(
        (&changed["risk_score"], &changed["severity"], &changed["verdict"]),
        (&json!(86), &json!("S1"), &json!("malicious"))
    );
    assert_eq!(changed["verdict_reasons"][0]["detail"], "the address is known");
    let points: i64 = changed["score"].as_array().unwrap().iter().map(|row| row["points"].as_i64().unwrap()).sum();
    assert_eq!(points, 86);
    let log = analyst.get(&format!("/api/v1/audit-logs?incident_id={id}")).await.expect(StatusCode::OK);
    let entry = log["items"].as_array().unwrap().iter().find(|entry| entry["action"] == "VERDICT_SET").unwrap();
    assert_eq!((&entry["details"]["from"], &entry["details"]["verdict"]), (&json!("unknown"), &json!("malicious")));
    let asked = analyst.post(&format!("{path}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    let vote = json!({ "decision": "approve", "reason": "confirmed with the owner", "plan_digest": approval["plan_digest"] });
    both.post(&decide, &vote).await.expect_problem(409, "separation-of-duties");
}

async fn what_was_changed_is_found(installation: Installation) {
    let path = format!("/api/v1/incidents/{}", incident(&installation).await);
    let analyst = installation.person("analyst").await;
    let body = json!({ "title": "Quiet evening", "tags": ["vip"], "assignee": "analyst", "analyst_notes": "printer on fire" });
    patch(&analyst, &path, &body).await.expect(StatusCode::OK);
    for (query, found) in [
        ("q=evening", 1),
        ("q=printer%20fire", 1),
        ("tag=vip", 1),
        ("assignee=me", 1),
        ("q=brute", 0),
        ("q=admin", 1),
        ("q=91.23.11.9", 1),
    ] {
        let page = analyst.get(&format!("/api/v1/incidents?{query}")).await.expect(StatusCode::OK);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{query}");
    }
    patch(&analyst, &path, &json!({ "tags": [], "analyst_notes": "" })).await.expect(StatusCode::OK);
    for query in ["tag=vip", "q=printer"] {
        let page = analyst.get(&format!("/api/v1/incidents?{query}")).await.expect(StatusCode::OK);
        assert_eq!(page["items"], json!([]), "{query}");
    }
}

async fn tasks_are_added_and_done(installation: Installation) {
    let id = incident(&installation).await;
    let path = format!("/api/v1/incidents/{id}/tasks");
    let analyst = installation.person("analyst").await;
    let task =
        analyst.post(&path, &json!({ "title": "Call the owner", "assignee": "analyst" })).await.expect(StatusCode::CREATED);
    assert_eq!(
        (&task["id"], &task["done"], &task["assignee"]["username"]),
        (&json!("TASK-0000000001"), &json!(false), &json!("analyst"))
    );
    let done =
        patch(&analyst, "/api/v1/tasks/TASK-0000000001", &json!({ "done": true, "assignee": null })).await.expect(StatusCode::OK);
    assert_eq!((&done["done"], &done["assignee"], done["done_at"].is_string()), (&json!(true), &Value::Null, true));
    let detail = analyst.get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    assert_eq!(detail["tasks"], json!([done]));
    assert_eq!(told(&detail)[..2], ["TASK_CHANGED", "TASK_ADDED"]);
    analyst.post(&path, &json!({ "title": "", "assignee": "nobody" })).await.expect_problem(422, "invalid");
    patch(&analyst, "/api/v1/tasks/TASK-0000000001", &json!({ "title": " " })).await.expect_problem(422, "invalid");
    patch(&analyst, "/api/v1/tasks/TASK-0000000009", &json!({ "done": true })).await.expect_problem(404, "not-found");
    installation.person("approver").await.post(&path, &json!({ "title": "x" })).await.expect_problem(403, "forbidden");
}

async fn closing_says_what_is_missing(installation: Installation) {
    let id = incident(&installation).await;
    let (transition, tasks) = (format!("/api/v1/incidents/{id}/transition"), format!("/api/v1/incidents/{id}/tasks"));
    let analyst = installation.person("analyst").await;
    for to in ["in_progress", "contained", "resolved"] {
        analyst.post(&transition, &json!({ "to": to, "reason": "as planned" })).await.expect(StatusCode::OK);
    }
    analyst.post(&tasks, &json!({ "title": "Call the owner" })).await.expect(StatusCode::CREATED);
    let refused = analyst.post(&transition, &json!({ "to": "closed" })).await.expect_problem(422, "invalid");
    let pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/reason", "/verdict"]);
    let close = json!({ "to": "closed", "reason": "all is well", "verdict": "benign" });
    let refused = analyst.post(&transition, &close).await.expect_problem(409, "illegal-transition");
    assert!(refused["detail"].as_str().unwrap().contains("1 of its tasks"), "{refused}");
    patch(&analyst, "/api/v1/tasks/TASK-0000000001", &json!({ "done": true })).await.expect(StatusCode::OK);
    let closed = analyst.post(&transition, &close).await.expect(StatusCode::OK);
    assert_eq!((&closed["state"], &closed["verdict"], &closed["risk_score"]), (&json!("closed"), &json!("benign"), &json!(36)));
    analyst.post(&tasks, &json!({ "title": "too late" })).await.expect_problem(409, "illegal-transition");
    let reopen = json!({ "to": "classified", "reason": "again", "verdict": "benign" });
    analyst.post(&transition, &reopen).await.expect_problem(422, "invalid");
}

async fn a_resource_that_is_known_is_not_sent_again(installation: Installation) {
    // Of low severity: nobody is told of it, so that its timeline does not grow while it is looked at.
    let quiet = json!({ "incident_type": "other", "severity": "low" });
    let receipt = installation.source().post("/api/v1/alerts", &quiet).await.expect(StatusCode::CREATED);
    let id = receipt["incident_id"].as_str().unwrap().to_owned();
    let reader = installation.reader();
    for path in
        [format!("/api/v1/incidents/{id}"), "/api/v1/alerts/ALT-0000000001".into(), "/api/v1/playbooks/PB-BRUTE-FORCE".into()]
    {
        let first = reader.get(&path).await;
        let tag = first.headers["etag"].clone();
        let again = reader.send(reader.request(Method::GET, &path).header("if-none-match", tag)).await;
        assert_eq!((again.status, &again.body), (StatusCode::NOT_MODIFIED, &Value::Null), "{path}");
        let other = reader.send(reader.request(Method::GET, &path).header("if-none-match", "\"other\"")).await;
        assert_eq!((other.status, &other.body["id"]), (StatusCode::OK, &first.body["id"]), "{path}");
    }
}

async fn shared_observables_are_told(installation: Installation) {
    let id = incident(&installation).await;
    for alert in [
        json!({ "incident_type": "phishing", "src_ip": "91.23.11.9", "username": "admin" }),
        json!({ "incident_type": "malware", "src_ip": "91.23.11.9" }),
        json!({ "incident_type": "other", "src_ip": "192.0.2.1" }),
    ] {
        installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    }
    let detail = installation.reader().get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    let seen = json!([
        { "kind": "ip", "value": "91.23.11.9", "incidents": 2 },
        { "kind": "user", "value": "admin", "incidents": 1 },
    ]);
    assert_eq!(detail["seen_elsewhere"], seen);
    let similar: Vec<(&Value, usize)> = detail["similar"]
        .as_array()
        .unwrap()
        .iter()
        .map(|other| (&other["incident_type"], other["shared"].as_array().unwrap().len()))
        .collect();
    assert_eq!(similar, [(&json!("phishing"), 2), (&json!("malware"), 1)]);
    assert_eq!(detail["entities"].as_array().unwrap().len(), 2);
    assert_eq!(detail["sla"]["acknowledge"]["state"], "open");
}
