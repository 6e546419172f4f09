//! Signed heads of the log outside the database: in a file, and with whoever keeps heads.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;

use crate::installation::{Client, Installation};
use crate::main_job::incident;

type Kept = Arc<Mutex<Vec<String>>>;

/// Keeps what is posted; the first post it cannot take.
async fn keep(State(kept): State<Kept>, head: String) -> StatusCode {
    let mut kept = kept.lock().unwrap();
    kept.push(head);
    if kept.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

/// Waits until the newest head was posted; gives it.
async fn newest(auditor: &Client<'_>, kept: &Kept) -> String {
    let head: Value = auditor.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    let note = head["checkpoint"].as_str().unwrap().to_owned();
    while kept.lock().unwrap().last() != Some(&note) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    note
}

#[tokio::test(flavor = "multi_thread")]
async fn each_signed_head_is_in_a_file_and_posted_to_whoever_keeps_heads() {
    let kept = Kept::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook = format!("http://{}/heads", listener.local_addr().unwrap()).parse().unwrap();
    let keeper = Router::new().route("/heads", post(keep)).with_state(Arc::clone(&kept));
    tokio::spawn(async move { axum::serve(listener, keeper).await });
    let installation = Installation::configured(|config| config.audit_webhook = Some(webhook)).await;
    let auditor = installation.person("auditor").await;
    newest(&auditor, &kept).await;
    // That one was not taken; the next one is, and the file has it too.
    incident(&installation).await;
    let note = newest(&auditor, &kept).await;
    assert_eq!(std::fs::read_to_string(installation.folder.path().join("audit-head.note")).unwrap(), note);
}
