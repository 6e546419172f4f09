//! The live stream: what is committed comes out, in order, with the `seq` of its entry, and a reader can resume without loss.

use futures::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::installation::{Client, Installation};
use crate::main_job::incident;
use crate::on_both_databases;

on_both_databases!(a_new_incident_comes_out_at_once, a_reader_resumes_without_loss, an_impossible_resume_point_is_a_gap);

/// One server-sent event.
#[derive(Debug, PartialEq)]
struct Event {
    id: i64,
    name: String,
    data: Value,
}

/// Reads events until one satisfies the predicate; all that came, that one included.
async fn read_until(
    client: &Client<'_>,
    resume: Option<i64>,
    wanted: impl Fn(&Event) -> bool,
    meanwhile: impl Future<Output = ()>,
) -> Vec<Event> {
    let mut request = client.request(Method::GET, "/api/v1/stream");
    if let Some(seq) = resume {
        request = request.header("last-event-id", seq.to_string());
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut bytes = response.bytes_stream();
    meanwhile.await;
    let (mut text, mut events) = (String::new(), Vec::new());
    loop {
        text.push_str(std::str::from_utf8(&bytes.next().await.expect("the stream goes on").unwrap()).unwrap());
        while let Some((block, rest)) = text.split_once("\n\n").map(|(block, rest)| (block.to_owned(), rest.to_owned())) {
            text = rest;
            if let Some(event) = parsed(&block) {
                events.push(event);
                if events.last().is_some_and(&wanted) {
                    return events;
                }
            }
        }
    }
}

fn parsed(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    Some(Event {
        id: field("id")?.parse().ok()?,
        name: field("event")?.to_owned(),
        data: serde_json::from_str(field("data")?).ok()?,
    })
}

async fn a_new_incident_comes_out_at_once(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let meanwhile = async { drop(incident(&installation).await) };
    let events = read_until(&analyst, None, |event| event.data["topic"] == "incident", meanwhile).await;
    let last = events.last().unwrap();
    assert_eq!((last.name.as_str(), last.data["id"].as_str()), ("change", Some("INC-0000000001")));
    assert_eq!(last.data["incident_id"], "INC-0000000001");
    assert!(events.is_sorted_by_key(|event| event.id));
    assert!(events.iter().all(|event| event.data["topic"] != "audit"), "an analyst does not hear of sign-ins");
}

async fn a_reader_resumes_without_loss(installation: Installation) {
    let analyst = installation.person("analyst").await;
    incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let log = auditor.get("/api/v1/audit-logs?order=asc&limit=200").await.expect(StatusCode::OK);
    let of_incident: Vec<i64> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| !entry["incident_id"].is_null())
        .map(|entry| entry["seq"].as_i64().unwrap())
        .collect();
    let (first, last) = (of_incident[0], *of_incident.last().unwrap());
    let events = read_until(&analyst, Some(first), |event| event.id == last, async {}).await;
    let ids: Vec<i64> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids, of_incident[1..], "each entry after the resume point, once");
}

async fn an_impossible_resume_point_is_a_gap(installation: Installation) {
    let analyst = installation.person("analyst").await;
    let events = read_until(&analyst, Some(1_000_000), |_| true, async {}).await;
    assert_eq!(events[0].name, "gap");
    let request = analyst.request(Method::GET, "/api/v1/stream").header("last-event-id", "x");
    analyst.send(request).await.expect_problem(422, "invalid");
}
