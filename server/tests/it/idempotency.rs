//! Repeated requests: the same key gets the first answer, another body is a mistake, and nothing is ever done twice, whoever dies.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::{Value, json};

use crate::installation::{Answer, Client, Installation};
use crate::main_job::{brute_force, incident};
use crate::on_both_databases;

on_both_databases!(
    a_repeated_request_gets_the_first_answer,
    every_creating_address_takes_a_key,
    a_change_by_hand_is_repeated_too,
    a_file_is_kept_once_however_its_form_is_written,
    what_is_shown_once_is_not_shown_again,
    a_key_belongs_to_one_caller_and_one_address,
    another_body_is_a_mismatch,
    only_answers_of_success_are_kept,
    a_key_is_visible_ascii,
    the_same_request_many_times_at_once_is_done_once,
    whoever_may_no_longer_ask_is_not_answered_again,
    whoever_signed_in_long_ago_gives_the_password_again,
    a_key_that_was_bound_elsewhere_is_not_answered_again,
);

async fn post(client: &Client<'_>, path: &str, key: &str, body: &Value) -> Answer {
    client.send(client.request(Method::POST, path).header("idempotency-key", key).json(body)).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

async fn alert_count(installation: &Installation) -> usize {
    let alerts = installation.reader().get("/api/v1/alerts?limit=200").await.expect(StatusCode::OK);
    alerts["items"].as_array().unwrap().len()
}

async fn a_repeated_request_gets_the_first_answer(installation: Installation) {
    let source = installation.source();
    let first = post(&source, "/api/v1/alerts", "k-1", &brute_force()).await;
    assert!(!is_replayed(&first));
    let again = post(&source, "/api/v1/alerts", "k-1", &brute_force()).await;
    assert!(is_replayed(&again));
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    for header in ["location", "content-type"] {
        assert_eq!(again.headers[header], first.headers[header], "{header}");
    }
    assert_eq!(alert_count(&installation).await, 1);
    let other = post(&source, "/api/v1/alerts", "k-2", &brute_force()).await.expect(StatusCode::CREATED);
    assert_ne!(other["id"], first.body["id"]);
}

async fn every_creating_address_takes_a_key(installation: Installation) {
    let source = installation.source();
    let alert = post(&source, "/alerts/ingest", "k", &brute_force()).await.expect(StatusCode::CREATED);
    let id = alert["incident_id"].as_str().unwrap();
    let analyst = installation.person("analyst").await;
    let note = format!("/api/v1/incidents/{id}/notes");
    let run = format!("/api/v1/incidents/{id}/run");
    let batch = json!([{ "title": "one" }, { "impact": 9 }, { "title": "two" }]);
    for (client, path, body) in [
        (&source, "/alerts/ingest", brute_force()),
        (&source, "/api/v1/alerts/batch", batch),
        (&analyst, note.as_str(), json!({ "text": "seen" })),
        (&analyst, run.as_str(), json!({})),
    ] {
        let first = post(client, path, "same", &body).await;
        assert!(first.status.is_success() && !is_replayed(&first), "{path}: {first:?}");
        let again = post(client, path, "same", &body).await;
        assert!(is_replayed(&again), "{path}: {again:?}");
        assert_eq!((again.status, again.body), (first.status, first.body), "{path}");
        assert_eq!(again.headers.get("location"), first.headers.get("location"), "{path}");
    }
    assert_eq!(alert_count(&installation).await, 4);
    let incident = analyst.get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    assert_eq!(incident["notes"].as_array().unwrap().len(), 1);
    assert_eq!(incident["runs"].as_array().unwrap().len(), 1);
}

/// What is changed by hand: `(address, body)`, each possible once only.
async fn a_change_by_hand_is_repeated_too(installation: Installation) {
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let first = incident(&installation).await;
    let other = json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 });
    let second = installation.source().post("/api/v1/alerts", &other).await.expect(StatusCode::CREATED)["incident_id"].clone();
    let asked = analyst.post(&format!("/api/v1/incidents/{first}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let vote = json!({ "decision": "reject", "reason": "not this account", "plan_digest": approval["plan_digest"] });
    for (client, path, body, status) in [
        (&analyst, format!("/api/v1/incidents/{first}/tasks"), json!({ "title": "call the owner" }), StatusCode::CREATED),
        (&analyst, "/api/v1/views".to_owned(), json!({ "name": "mine", "query": "sev>=S2" }), StatusCode::CREATED),
        (&approver, format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap()), vote, StatusCode::OK),
        (&analyst, format!("/api/v1/incidents/{first}/merge"), json!({ "into": second }), StatusCode::OK),
        (
            &analyst,
            format!("/api/v1/incidents/{}/transition", second.as_str().unwrap()),
            json!({ "to": "in_progress" }),
            StatusCode::OK,
        ),
        (
            &analyst,
            format!("/api/v1/incidents/{}/run", second.as_str().unwrap()),
            json!({ "mode": "dry_run" }),
            StatusCode::ACCEPTED,
        ),
    ] {
        let done = post(client, &path, "by-hand", &body).await;
        assert!(!is_replayed(&done) && done.status == status, "{path}: {done:?}");
        let again = post(client, &path, "by-hand", &body).await;
        assert!(is_replayed(&again), "{path}: {again:?}");
        assert_eq!((again.status, &again.body), (done.status, &done.body), "{path}");
        post(client, &path, "by-hand", &json!({})).await.expect_problem(409, "idempotency-mismatch");
    }
    let detail = analyst.get(&format!("/api/v1/incidents/{first}")).await.expect(StatusCode::OK);
    assert_eq!((detail["tasks"].as_array().unwrap().len(), &detail["merged_into"]), (1, &second));
    assert_eq!(analyst.get("/api/v1/views").await.expect(StatusCode::OK)["items"].as_array().unwrap().len(), 1);
}

async fn a_file_is_kept_once_however_its_form_is_written(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let path = format!("/api/v1/incidents/{id}/evidence");
    // More than what a JSON body may have.
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let send = async |boundary: &str, name: &str, bytes: &[u8]| {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let form = [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        let request = analyst.request(Method::POST, &path).header("idempotency-key", "file");
        analyst.send(request.header("content-type", format!("multipart/form-data; boundary={boundary}")).body(form)).await
    };
    let first = send("one", "dump.bin", &bytes).await;
    assert!(!is_replayed(&first));
    let again = send("another", "dump.bin", &bytes).await;
    assert!(is_replayed(&again), "{again:?}");
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    assert_eq!(again.headers["location"], first.headers["location"]);
    let octets = analyst.request(Method::POST, &format!("{path}?name=dump.bin")).header("idempotency-key", "file");
    let as_it_is = analyst.send(octets.header("content-type", "application/octet-stream").body(bytes.clone())).await;
    assert!(is_replayed(&as_it_is), "{as_it_is:?}");
    send("one", "other.bin", &bytes).await.expect_problem(409, "idempotency-mismatch");
    send("one", "dump.bin", &bytes[1..]).await.expect_problem(409, "idempotency-mismatch");
    let detail = analyst.get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    assert_eq!(detail["evidence"].as_array().unwrap().len(), 1);
    assert_eq!(detail["evidence"][0], first.body);
    let plain = Database::connect(&installation.database_url).await.unwrap();
    let uploads = "SELECT count(DISTINCT upload) AS uploads FROM evidence_pieces";
    let row = plain.query_one_raw(Statement::from_string(plain.get_database_backend(), uploads)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "uploads").unwrap(), 1, "what was compared left nothing behind");
}

async fn what_is_shown_once_is_not_shown_again(installation: Installation) {
    let admin = installation.person("admin").await;
    let key = json!({ "name": "another", "scopes": ["alerts:write"] });
    let person = json!({ "username": "newcomer", "roles": ["analyst"] });
    for (path, body, secret) in [("/api/v1/api-keys", key, "key"), ("/api/v1/users", person, "password_link")] {
        let first = post(&admin, path, "k", &body).await;
        let again = post(&admin, path, "k", &body).await;
        assert!(is_replayed(&again), "{path}: {again:?}");
        assert_eq!((again.status, again.headers.get("location")), (StatusCode::CREATED, first.headers.get("location")), "{path}");
        let mut expected = first.expect(StatusCode::CREATED);
        assert!(!expected[secret].is_null(), "{path}");
        expected[secret] = Value::Null;
        assert_eq!(again.body, expected, "{path}");
    }
    let keys = admin.get("/api/v1/api-keys").await.expect(StatusCode::OK);
    assert_eq!(keys["items"].as_array().unwrap().len(), 3);
}

async fn a_key_belongs_to_one_caller_and_one_address(installation: Installation) {
    let (source, analyst) = (installation.source(), installation.person("analyst").await);
    for (client, path) in [(&source, "/api/v1/alerts"), (&source, "/alerts/ingest"), (&analyst, "/api/v1/alerts")] {
        let answer = post(client, path, "shared", &json!({ "title": "x" })).await;
        assert!(!is_replayed(&answer), "{path}");
        answer.expect(StatusCode::CREATED);
    }
    assert_eq!(alert_count(&installation).await, 3);
}

async fn another_body_is_a_mismatch(installation: Installation) {
    let source = installation.source();
    post(&source, "/api/v1/alerts", "k", &json!({ "title": "x" })).await.expect(StatusCode::CREATED);
    post(&source, "/api/v1/alerts", "k", &json!({ "title": "y" })).await.expect_problem(409, "idempotency-mismatch");
    post(&source, "/api/v1/alerts", "k", &json!({})).await.expect_problem(409, "idempotency-mismatch");
    assert_eq!(alert_count(&installation).await, 1);
}

async fn only_answers_of_success_are_kept(installation: Installation) {
    let source = installation.source();
    post(&source, "/api/v1/alerts", "k", &json!({ "impact": 9 })).await.expect_problem(422, "invalid");
    let mended = post(&source, "/api/v1/alerts", "k", &json!({ "title": "x" })).await;
    assert!(!is_replayed(&mended));
    mended.expect(StatusCode::CREATED);
    installation.reader().post("/api/v1/alerts", &json!({ "title": "x" })).await.expect_problem(403, "forbidden");
    post(&installation.anonymous(), "/api/v1/alerts", "k", &json!({ "title": "x" })).await.expect_problem(401, "unauthenticated");
}

async fn a_key_is_visible_ascii(installation: Installation) {
    let source = installation.source();
    for key in ["", " ", "two words", &"k".repeat(129), "\u{e9}"] {
        let request = source.request(Method::POST, "/api/v1/alerts").header("idempotency-key", key.as_bytes());
        source.send(request.json(&json!({ "title": "x" }))).await.expect_problem(422, "invalid");
    }
    let twice = source.request(Method::POST, "/api/v1/alerts").header("idempotency-key", "a").header("idempotency-key", "b");
    source.send(twice.json(&json!({ "title": "x" }))).await.expect_problem(422, "invalid");
    post(&source, "/api/v1/alerts", &"k".repeat(128), &json!({ "title": "x" })).await.expect(StatusCode::CREATED);
    assert_eq!(alert_count(&installation).await, 1);
}

async fn the_same_request_many_times_at_once_is_done_once(installation: Installation) {
    let (source, analyst) = (installation.source(), installation.person("analyst").await);
    let first = source.post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    let note = format!("/api/v1/incidents/{}/notes", first["incident_id"].as_str().unwrap());
    let replica = if installation.running.store.is_sqlite() { None } else { Some(installation.replica().await) };
    let address = |turn: usize| match (&replica, turn % 2) {
        (Some(replica), 1) => replica.running.address,
        _ => installation.running.address,
    };
    for (client, path, body) in [
        (&source, "/api/v1/alerts", json!({ "title": "x" })),
        (&source, "/api/v1/alerts/batch", json!([{ "title": "y" }, { "title": "z" }])),
        (&analyst, note.as_str(), json!({ "text": "seen" })),
    ] {
        let posts = (0..24).map(|turn| client.send_to(address(turn), path, "at-once", &body));
        let answers = join_all(posts).await;
        let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status.is_success()).collect();
        assert!(!done.is_empty(), "{path}: {answers:?}");
        assert_eq!(done.iter().filter(|answer| !is_replayed(answer)).count(), 1, "{path}: done once");
        assert!(done.iter().all(|answer| answer.body == done[0].body), "{path}: the same answer");
        for refused in answers.iter().filter(|answer| !answer.status.is_success()) {
            assert_eq!(
                (refused.status, &refused.body["type"]),
                (StatusCode::CONFLICT, &json!("urn:countersign:problem:in-progress"))
            );
        }
        assert!(is_replayed(&post(client, path, "at-once", &body).await));
    }
    assert_eq!(alert_count(&installation).await, 4);
}

/// Every address that keeps answers: who may ask there, and what.
async fn repeatable(installation: &Installation) -> Vec<(&'static str, String, Value)> {
    let analyst = installation.person("analyst").await;
    let second = incident(installation).await;
    let other = async |kind: &str| {
        let alert = json!({ "incident_type": kind, "hostname": format!("ws-{kind}"), "impact": 2, "likelihood": 2 });
        let posted = installation.source().post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
        posted["incident_id"].as_str().unwrap().to_owned()
    };
    let (first, third, fourth) = (other("phishing").await, other("malware").await, other("exfiltration").await);
    let asked = analyst.post(&format!("/api/v1/incidents/{second}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let vote = json!({ "decision": "approve", "reason": "looked at it closely", "plan_digest": approval["plan_digest"] });
    let on = |incident: &str, what: &str| format!("/api/v1/incidents/{incident}/{what}");
    vec![
        ("source", "/api/v1/alerts".to_owned(), brute_force()),
        ("source", "/alerts/ingest".to_owned(), brute_force()),
        ("source", "/api/v1/alerts/batch".to_owned(), json!([brute_force()])),
        ("analyst", "/api/v1/alerts".to_owned(), json!({ "title": "by hand" })),
        ("analyst", on(&first, "notes"), json!({ "text": "seen" })),
        ("analyst", on(&first, "tasks"), json!({ "title": "call the owner" })),
        ("analyst", on(&first, "evidence"), json!("the bytes of a file")),
        ("analyst", on(&first, "transition"), json!({ "to": "in_progress" })),
        ("analyst", on(&first, "run"), json!({ "mode": "dry_run" })),
        ("approver", format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap()), vote),
        ("analyst", on(&fourth, "merge"), json!({ "into": third })),
        ("admin", "/api/v1/api-keys".to_owned(), json!({ "name": "another", "scopes": ["alerts:write"] })),
        ("admin", "/api/v1/users".to_owned(), json!({ "username": "newcomer", "roles": ["analyst"] })),
    ]
}

/// A text is sent as a file.
async fn send(client: &Client<'_>, path: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, path).header("idempotency-key", "barred");
    client
        .send(match body.as_str() {
            Some(bytes) => request.header("content-type", "application/octet-stream").body(bytes.to_owned()),
            None => request.json(body),
        })
        .await
}

async fn whoever_may_no_longer_ask_is_not_answered_again(installation: Installation) {
    for (who, path, body) in repeatable(&installation).await {
        let (client, holders, with, without) = match who {
            "source" => (installation.source(), "api_keys SET scopes", "alerts:write", "incidents:read"),
            person => (installation.person(person).await, "users SET roles", person, "auditor"),
        };
        let set = async |what: &str| {
            let column = if who == "source" { "name" } else { "username" };
            installation.sql(&format!("UPDATE {holders} = '{what}' WHERE {column} = '{who}'")).await;
        };
        let first = send(&client, &path, &body).await;
        assert!(first.status.is_success(), "{path}: {first:?}");
        set(without).await;
        let refused = send(&client, &path, &body).await;
        assert!(!is_replayed(&refused), "{path}");
        refused.expect_problem(403, "forbidden");
        let other_body = send(&client, &path, &json!({ "title": "another" })).await;
        assert!(!is_replayed(&other_body) && !other_body.status.is_success(), "{path}: {other_body:?}");
        set(with).await;
        let again = send(&client, &path, &body).await;
        assert!(is_replayed(&again), "{path}: {again:?}");
        assert_eq!(again.status, first.status, "{path}");
        // Whoever cannot sign in or use the key any more is nobody.
        installation
            .sql(&match who {
                "source" => "UPDATE api_keys SET revoked_at = 1 WHERE name = 'source'".to_owned(),
                person => format!("UPDATE users SET disabled_at = 1 WHERE username = '{person}'"),
            })
            .await;
        send(&client, &path, &body).await.expect_problem(401, "unauthenticated");
        installation.sql("UPDATE users SET disabled_at = NULL").await;
        installation.sql("UPDATE api_keys SET revoked_at = NULL").await;
    }
}

async fn whoever_signed_in_long_ago_gives_the_password_again(installation: Installation) {
    let (who, path, vote) = repeatable(&installation).await.into_iter().find(|(who, ..)| *who == "approver").unwrap();
    let approver = installation.person(who).await;
    send(&approver, &path, &vote).await.expect(StatusCode::OK);
    age_sign_ins(&installation).await;
    send(&approver, &path, &vote).await.expect_problem(403, "step-up-required");
    let password = json!({ "password": crate::installation::PASSWORD });
    approver.post("/api/v1/session/step-up", &password).await;
    assert!(is_replayed(&send(&approver, &path, &vote).await));
}

/// As if everybody had given their password long ago.
async fn age_sign_ins(installation: &Installation) {
    installation.sql("UPDATE users SET password_changed_at = 0").await;
    let plain = Database::connect(&installation.database_url).await.unwrap();
    let sessions = Statement::from_string(plain.get_database_backend(), "SELECT id, data FROM sessions");
    for row in plain.query_all_raw(sessions).await.unwrap() {
        let (id, data): (String, String) = (row.try_get("", "id").unwrap(), row.try_get("", "data").unwrap());
        let mut data: Value = serde_json::from_str(&data).unwrap();
        for content in data.as_object_mut().unwrap().values_mut().filter(|content| content.is_object()) {
            content["authenticated_at"] = json!("2026-01-01T00:00:00.000Z");
        }
        plain.execute_unprepared(&format!("UPDATE sessions SET data = '{data}' WHERE id = '{id}'")).await.unwrap();
    }
}

async fn a_key_that_was_bound_elsewhere_is_not_answered_again(installation: Installation) {
    let source = installation.source();
    let alert = json!({ "title": "x", "source": "siem" });
    send(&source, "/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    installation.sql("UPDATE api_keys SET source = 'edr' WHERE name = 'source'").await;
    send(&source, "/api/v1/alerts", &alert).await.expect_problem(403, "forbidden");
    installation.sql("UPDATE api_keys SET source = NULL WHERE name = 'source'").await;
    assert!(is_replayed(&send(&source, "/api/v1/alerts", &alert).await));
}
