//! More than the server can take: a queue that is really full, and callers that ask too often.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service::clock::Clock;
use store::{Store, StoreError, Untrailed, WRITE_QUEUE_BYTES_MAX, WRITE_QUEUE_MAX};
use tokio::sync::oneshot;

use crate::installation::{Answer, Client, Installation};

/// A batch of alerts, posted by a task of its own.
fn post_batch(client: &Client<'_>, size: usize) -> tokio::task::JoinHandle<StatusCode> {
    let batch = Value::Array(vec![json!({ "title": "one of many" }); size]);
    let request = client.request(Method::POST, "/api/v1/alerts/batch").json(&batch);
    tokio::spawn(async move { request.send().await.unwrap().status() })
}

/// Holds up the writer until it is released.
async fn hold_writer(store: &Store) -> (tokio::task::JoinHandle<()>, oneshot::Sender<()>) {
    let (started, running) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let holder = store.clone();
    let holding = tokio::spawn(async move {
        let held = holder.write_untrailed::<(), StoreError, _, _>(Untrailed::Check, |_| async move {
            started.send(()).unwrap();
            released.await.unwrap();
            Ok(())
        });
        held.await.unwrap();
    });
    running.await.unwrap();
    (holding, release)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_write_queue_is_answered_503_and_nothing_acknowledged_is_lost() {
    let installation = Installation::on_sqlite().await;
    let (source, store) = (installation.source(), &installation.running.store);
    source.post("/api/v1/alerts", &json!({ "title": "before" })).await.expect(StatusCode::CREATED);
    let (holding, release) = hold_writer(store).await;
    let mut batches = Vec::new();
    loop {
        let waiting = store.waiting_changes();
        if waiting == WRITE_QUEUE_MAX {
            break;
        }
        let batch = post_batch(&source, (WRITE_QUEUE_MAX - waiting).min(1_000));
        while store.waiting_changes() == waiting && !batch.is_finished() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        batches.push(batch);
    }
    let refused = source.post("/api/v1/alerts", &json!({ "title": "one too many" })).await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.expect_problem(503, "overloaded");
    release.send(()).unwrap();
    holding.await.unwrap();
    for batch in batches {
        let status = batch.await.unwrap();
        assert!([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{status}");
    }
    source.post("/api/v1/alerts", &json!({ "title": "after" })).await.expect(StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_queue_that_is_full_of_bytes_is_answered_503_though_hardly_anything_waits() {
    let installation = Installation::on_sqlite().await;
    let (source, store) = (installation.source(), &installation.running.store);
    source.post("/api/v1/alerts", &json!({ "title": "before" })).await.expect(StatusCode::CREATED);
    let (holding, release) = hold_writer(store).await;
    let (upload, keeper) = (Clock::System.uuid(), store.clone());
    let bytes = vec![0; WRITE_QUEUE_BYTES_MAX];
    let keeping = tokio::spawn(async move { keeper.keep_piece(upload, 0, bytes, Clock::System.now()).await });
    while store.waiting_changes() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refused = source.post("/api/v1/alerts", &json!({ "title": "no byte more" })).await;
    assert_eq!((store.waiting_changes(), &refused.headers["retry-after"]), (1, &"1".parse().unwrap()));
    refused.expect_problem(503, "overloaded");
    release.send(()).unwrap();
    holding.await.unwrap();
    keeping.await.unwrap().unwrap();
    store.drop_pieces(upload).await.unwrap();
    source.post("/api/v1/alerts", &json!({ "title": "after" })).await.expect(StatusCode::CREATED);
}

async fn statuses(client: &Client<'_>, path: &str, times: usize) -> Vec<Answer> {
    let mut answers = Vec::new();
    for _ in 0..times {
        answers.push(client.get(path).await);
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_often_is_told_when_to_come_again() {
    let installation = Installation::configured(|config| config.rate_limit_per_key = Some(5)).await;
    let mut answers = statuses(&installation.reader(), "/api/v1/incidents", 6).await;
    let last = answers.pop().unwrap();
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let wait: u32 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=13).contains(&wait), "a fifth of a minute, and not less than nothing: {wait}");
    last.expect_problem(429, "rate-limited");
    assert_eq!(installation.source().post("/api/v1/alerts", &json!({ "title": "x" })).await.status, StatusCode::CREATED);
    let analyst = installation.person("analyst").await;
    assert!(statuses(&analyst, "/api/v1/incidents", 8).await.iter().all(|answer| answer.status == StatusCode::OK));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_asks_too_often_is_told_so_but_may_still_ask_how_the_server_is() {
    let installation = Installation::configured(|config| config.rate_limit_per_network = Some(3)).await;
    let anonymous = installation.anonymous();
    let mut answers = statuses(&anonymous, "/api/v1/incidents", 4).await;
    answers.pop().unwrap().expect_problem(429, "rate-limited");
    assert!(answers.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED));
    assert!(statuses(&anonymous, "/livez", 5).await.iter().all(|answer| answer.status == StatusCode::OK));
}
