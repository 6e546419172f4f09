//! Saved views over REST: a person's own, checked, and on record.

use domain::saved_view::VIEWS_MAX;
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation};
use crate::on_both_databases;

on_both_databases!(no_more_views_are_kept_than_there_may_be_even_at_once);

async fn call(client: &Client<'_>, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let request = client.request(method, path);
    let request = if let Some(body) = body { request.json(body) } else { request };
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_keeps_changes_and_removes_their_own_views() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    let request = json!({ "name": " Hot ", "query": "severity:critical assignee:me", "sort": "risk_score" });
    let (status, kept) = call(&analyst, Method::POST, "/api/v1/views", Some(&request)).await;
    assert_eq!(status, StatusCode::CREATED);
    let content = json!([kept["name"], kept["query"], kept["sort"], kept["order"]]);
    assert_eq!(content, json!(["Hot", "sev:S1 assignee:me", "risk_score", "desc"]));

    let path = format!("/api/v1/views/{}", kept["id"].as_str().unwrap());
    let (status, replaced) = call(&analyst, Method::PUT, &path, Some(&json!({ "name": "Everything" }))).await;
    assert_eq!((status, &replaced["query"], &replaced["id"]), (StatusCode::OK, &json!(""), &kept["id"]));
    let listed = analyst.get("/api/v1/views").await.expect(StatusCode::OK);
    assert_eq!(listed, json!({ "items": [replaced], "next_cursor": null }));

    let other = installation.person("approver").await;
    assert_eq!(other.get("/api/v1/views").await.expect(StatusCode::OK)["items"], json!([]));
    assert_eq!(call(&other, Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(call(&other, Method::PUT, &path, Some(&json!({ "name": "Theirs" }))).await.0, StatusCode::NOT_FOUND);
    assert_eq!(call(&analyst, Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(call(&analyst, Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_view_is_said_field_by_field() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    let first = json!({ "name": "Mine", "query": "" });
    assert_eq!(call(&analyst, Method::POST, "/api/v1/views", Some(&first)).await.0, StatusCode::CREATED);
    for (body, pointers) in [
        (json!({ "name": "", "query": "sev:S9" }), vec!["/name", "/query"]),
        (json!({ "name": "Nothing", "query": "\u{0}" }), vec!["/query"]),
        (json!({ "name": "Wrong", "query": "sev:S9 state:nowhere" }), vec!["/query", "/query"]),
        (first, vec!["/name"]),
    ] {
        let (status, problem) = call(&analyst, Method::POST, "/api/v1/views", Some(&body)).await;
        let found: Vec<&str> =
            problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!((status, found), (StatusCode::UNPROCESSABLE_ENTITY, pointers), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeping_and_removing_a_view_is_on_record() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    let (_, kept) = call(&analyst, Method::POST, "/api/v1/views", Some(&json!({ "name": "Mine" }))).await;
    let id = kept["id"].as_str().unwrap();
    call(&analyst, Method::DELETE, &format!("/api/v1/views/{id}"), None).await;
    let log = installation.person("auditor").await.get("/api/v1/audit-logs?order=asc&limit=200").await.expect(StatusCode::OK);
    let of_view = |entry: &&Value| entry["target"]["id"] == id;
    let actions: Vec<&Value> = log["items"].as_array().unwrap().iter().filter(of_view).map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["VIEW_SAVED", "VIEW_REMOVED"]);
}

async fn no_more_views_are_kept_than_there_may_be_even_at_once(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let bodies: Vec<Value> = (0..VIEWS_MAX + 10).map(|turn| json!({ "name": format!("view {turn}") })).collect();
    let answers = join_all(bodies.iter().map(|body| analyst.post("/api/v1/views", body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count(), VIEWS_MAX);
    for answer in answers.into_iter().filter(|answer| answer.status != StatusCode::CREATED) {
        answer.expect_problem(422, "invalid");
    }
    let kept = analyst.get("/api/v1/views").await.expect(StatusCode::OK);
    assert_eq!(kept["items"].as_array().unwrap().len(), VIEWS_MAX);
}
