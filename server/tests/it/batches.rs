//! Batches of alerts: every item has its own result, a bad one harms nobody, and the whole is refused only for what concerns it.

use domain::digest::Digest;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Answer, Client, Installation};
use crate::on_both_databases;

on_both_databases!(
    every_item_has_its_own_result,
    a_batch_of_bad_alerts_only_is_answered_item_by_item,
    lines_are_taken_like_an_array,
    a_batch_is_refused_as_a_whole_only_for_what_concerns_the_whole,
    a_thousand_alerts_are_one_write,
    a_batch_keeps_the_bytes_of_each_alert,
);

const BATCH: &str = "/api/v1/alerts/batch";
const ARRAY: &str = "application/json";
const LINES: &str = "application/x-ndjson";

async fn post(client: &Client<'_>, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    client.send(client.request(Method::POST, BATCH).header("content-type", kind).body(body)).await
}

async fn stored(installation: &Installation) -> Vec<Value> {
    let alerts = installation.reader().get("/api/v1/alerts?limit=200").await.expect(StatusCode::OK);
    alerts["items"].as_array().unwrap().clone()
}

/// Index, status, and the code of the problem if it is one.
fn outcomes(receipt: &Value) -> Vec<(u64, u64, String)> {
    let outcome = |result: &Value| {
        let code = result["problem"]["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned();
        (result["index"].as_u64().unwrap(), result["status"].as_u64().unwrap(), code)
    };
    receipt["results"].as_array().unwrap().iter().map(outcome).collect()
}

async fn every_item_has_its_own_result(installation: Installation) {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    let items = [
        r#"{"alert_id":"a-1","title":"good"}"#.to_owned(),
        r#"{"impact":9,"likelihood":0}"#.to_owned(),
        r#"{"alert_id":"a-1","title":"again"}"#.to_owned(),
        r#"{"title":"x","title":"y"}"#.to_owned(),
        format!(r#"{{"title":"deep","context":{deep}}}"#),
        "7".to_owned(),
        r#"{"title":"a\u0000b"}"#.to_owned(),
        format!(r#"{{"title":"large","unknown":"{}"}}"#, "x".repeat(1024 * 1024)),
        r#"{"alert_id":"a-2","title":"also good"}"#.to_owned(),
    ];
    let receipt = post(&installation.source(), ARRAY, format!("[{}]", items.join(","))).await.expect(StatusCode::OK);
    let expected = [
        (0, 201, ""),
        (1, 422, "invalid"),
        (2, 200, ""),
        (3, 400, "malformed"),
        (4, 400, "malformed"),
        (5, 422, "invalid"),
        (6, 422, "invalid"),
        (7, 413, "too-large"),
        (8, 201, ""),
    ];
    assert_eq!(outcomes(&receipt), expected.map(|(index, status, code)| (index, status, code.to_owned())));
    assert_eq!(receipt["results"][1]["problem"]["errors"].as_array().unwrap().len(), 3, "all errors at once");
    assert_eq!(receipt["results"][0]["alert"]["id"], receipt["results"][2]["alert"]["id"]);
    assert_eq!(receipt["results"][2]["alert"]["deduplicated"], true);
    let mut ids: Vec<String> =
        stored(&installation).await.iter().map(|alert| alert["alert_id"].as_str().unwrap().into()).collect();
    ids.sort();
    assert_eq!(ids, ["a-1", "a-2"]);
}

async fn a_batch_of_bad_alerts_only_is_answered_item_by_item(installation: Installation) {
    let source = installation.source();
    for _ in 0..2 {
        let receipt = post(&source, ARRAY, r#"[{"impact":9},7]"#).await.expect(StatusCode::OK);
        assert_eq!(outcomes(&receipt), [(0, 422, "invalid".to_owned()), (1, 422, "invalid".to_owned())]);
        let request = source.request(Method::POST, BATCH).header("content-type", LINES).header("idempotency-key", "bad-ones");
        let receipt = source.send(request.body("{}\n7")).await.expect(StatusCode::OK);
        assert_eq!(receipt["results"].as_array().unwrap().len(), 2);
    }
    assert_eq!(stored(&installation).await.len(), 0);
}

async fn lines_are_taken_like_an_array(installation: Installation) {
    let body = "{\"alert_id\":\"l-1\",\"title\":\"one\"}\r\n\nnot json\n{\"alert_id\":\"l-2\",\"title\":\"two\"}";
    let receipt = post(&installation.source(), LINES, body).await.expect(StatusCode::OK);
    let expected = [(0, 201, ""), (1, 400, "malformed"), (2, 201, "")];
    assert_eq!(outcomes(&receipt), expected.map(|(index, status, code)| (index, status, code.to_owned())));
    assert_eq!(stored(&installation).await.len(), 2);
}

async fn a_batch_is_refused_as_a_whole_only_for_what_concerns_the_whole(installation: Installation) {
    let source = installation.source();
    let many = |count: usize, between: &str| vec![r#"{"title":"x"}"#; count].join(between);
    for (kind, body, status, code) in [
        ("text/plain", "[]".to_owned(), 415, "unsupported-media-type"),
        (ARRAY, String::new(), 400, "malformed"),
        (LINES, String::new(), 400, "malformed"),
        (ARRAY, "[{]".to_owned(), 400, "malformed"),
        (LINES, "nonsense\nnonsense".to_owned(), 400, "malformed"),
        (ARRAY, "{}".to_owned(), 422, "invalid"),
        (ARRAY, "[]".to_owned(), 422, "invalid"),
        (LINES, "\n\n".to_owned(), 422, "invalid"),
        (ARRAY, format!("[{}]", many(1_001, ",")), 422, "invalid"),
        (LINES, many(1_001, "\n"), 422, "invalid"),
        (ARRAY, " ".repeat(8 * 1024 * 1024 + 1), 413, "too-large"),
    ] {
        post(&source, kind, body).await.expect_problem(status, code);
    }
    source.send(source.request(Method::POST, BATCH).body("[]")).await.expect_problem(415, "unsupported-media-type");
    assert_eq!(stored(&installation).await.len(), 0);
}

async fn a_thousand_alerts_are_one_write(installation: Installation) {
    let alert = |number: usize| json!({ "alert_id": format!("t-{}", number % 999), "incident_type": "malware", "hostname": format!("ws-{}", number % 300) });
    let batch = Value::Array((0..1_000).map(alert).collect());
    let store = &installation.running.store;
    let before = store.statement_count();
    let receipt = post(&installation.source(), ARRAY, batch.to_string()).await.expect(StatusCode::OK);
    let statements = store.statement_count() - before;
    let results = receipt["results"].as_array().unwrap();
    assert_eq!((results.len(), results.iter().filter(|result| result["status"] == 201).count()), (1_000, 999));
    assert!(statements < 300, "{statements} statements for one batch of 1,000");
}

async fn a_batch_keeps_the_bytes_of_each_alert(installation: Installation) {
    let (first, second) = (r#"{ "title" : "one", "unknown": [1.50] }"#, r#"{"title":"\u00e9"}"#);
    let receipt = post(&installation.source(), ARRAY, format!("[ {first} ,\n{second}\t]")).await.expect(StatusCode::OK);
    for (index, bytes) in [first, second].into_iter().enumerate() {
        let reader = installation.reader();
        let path = format!("/api/v1/alerts/{}", receipt["results"][index]["alert"]["id"].as_str().unwrap());
        let raw = reader.request(Method::GET, &format!("{path}/raw")).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(raw, bytes);
        let alert = reader.get(&path).await.expect(StatusCode::OK);
        assert_eq!(alert["raw_sha256"], Digest::of(bytes.as_bytes()).to_string());
    }
}
