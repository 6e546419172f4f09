//! Lists as CSV and NDJSON, and the filters of the audit log.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation};
use crate::main_job::incident;
use crate::on_both_databases;

on_both_databases!(
    every_list_has_three_forms,
    a_file_holds_every_row,
    no_cell_is_a_formula,
    the_audit_log_is_filtered,
    what_is_wrong_is_a_problem_in_every_form,
);

pub async fn text(client: &Client<'_>, path: &str, accept: &str) -> (String, String) {
    let response = client.request(Method::GET, path).header("accept", accept).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (kind, response.text().await.unwrap())
}

/// The records of a CSV file, as RFC 4180 reads them.
pub fn records(csv: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = csv.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(record.is_empty() && field.is_empty(), "the last line ends");
    records
}

async fn every_list_has_three_forms(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    analyst.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    for list in ["incidents", "alerts", "runs", "approvals", "playbooks", "audit-logs"] {
        let path = format!("/api/v1/{list}");
        let (page, (kind, csv), (lines_kind, ndjson)) = unchanged(&analyst, &path).await;
        let items = page["items"].as_array().unwrap();
        assert!(kind.starts_with("text/csv"), "{kind}");
        let records = records(&csv);
        assert_eq!(records.len(), items.len() + 1, "{list}");
        assert!(records.iter().all(|record| record.len() == records[0].len()), "{list}");
        let first = if list == "audit-logs" { "seq" } else { "id" };
        assert_eq!(records[0][0], first);
        assert_eq!(lines_kind, "application/x-ndjson");
        let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines.len(), &lines[0][first]), (items.len(), &items[0][first]), "{list}");
    }
}

/// A list as JSON, CSV and lines, all of the same rows: the run goes on meanwhile, so what changed while it was read is read again.
async fn unchanged(client: &Client<'_>, path: &str) -> (Value, (String, String), (String, String)) {
    loop {
        let page = client.get(path).await.expect(StatusCode::OK);
        let csv = text(client, &format!("{path}?format=csv"), "*/*").await;
        let lines = text(client, path, "application/x-ndjson").await;
        if client.get(path).await.expect(StatusCode::OK) == page {
            return (page, csv, lines);
        }
    }
}

async fn a_file_holds_every_row(installation: Installation) {
    let source = installation.source();
    for number in 0..205 {
        let alert = json!({ "incident_type": "malware", "hostname": format!("ws-{number}"), "severity": "low" });
        source.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    }
    let reader = installation.reader();
    let (_, csv) = text(&reader, "/api/v1/incidents?format=csv&order=asc", "*/*").await;
    let ids: Vec<String> = records(&csv).into_iter().skip(1).map(|record| record[0].clone()).collect();
    assert_eq!((ids.len(), ids[0].as_str(), ids[204].as_str()), (205, "INC-0000000001", "INC-0000000205"));
    let few = reader.request(Method::GET, "/api/v1/incidents?format=ndjson&limit=2").send().await.unwrap();
    let next = few.headers()["x-next-cursor"].to_str().unwrap().to_owned();
    assert_eq!(few.text().await.unwrap().lines().count(), 2);
    let (_, rest) = text(&reader, &format!("/api/v1/incidents?format=ndjson&cursor={next}"), "*/*").await;
    assert_eq!(rest.lines().count(), 203);
}

async fn no_cell_is_a_formula(installation: Installation) {
    let source = installation.source();
    let hostile = ["=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a,\"b\"\r\nc", "＝1", "plain"];
    for title in hostile {
        source.post("/api/v1/alerts", &json!({ "title": title, "tags": [title] })).await.expect(StatusCode::CREATED);
    }
    let reader = installation.reader();
    let (_, csv) = text(&reader, "/api/v1/incidents?format=csv&order=asc", "*/*").await;
    let records = records(&csv);
    for (record, title) in records[1..].iter().zip(hostile) {
        // A wide sign imitates the other, so people are shown which one it is.
        let (shown, expected) = (record[1].trim_start_matches('\''), title.replace('＝', "‹U+FF1D›"));
        assert_eq!(shown.trim(), expected.trim());
        for cell in record {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell:?}");
        }
    }
}

async fn the_audit_log_is_filtered(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let auditor = installation.person("auditor").await;
    analyst.post(&format!("/api/v1/incidents/{id}/notes"), &json!({ "text": "seen" })).await.expect(StatusCode::CREATED);
    let actions = async |query: &str| {
        let page = auditor.get(&format!("/api/v1/audit-logs?{query}")).await.expect(StatusCode::OK);
        let action = |entry: &Value| entry["action"].as_str().unwrap().to_owned();
        page["items"].as_array().unwrap().iter().map(action).collect::<Vec<_>>()
    };
    assert_eq!(actions("actor=analyst").await, ["NOTE_ADDED", "USER_SIGNED_IN"]);
    assert_eq!(actions("actor=analyst&order=asc").await, ["USER_SIGNED_IN", "NOTE_ADDED"]);
    assert_eq!(actions("actor=source").await, ["INCIDENT_CREATED", "ALERT_INGESTED"]);
    assert_eq!(actions(&format!("actor=system&action=STATE_CHANGED&incident_id={id}")).await, ["STATE_CHANGED"]);
    assert_eq!(actions("actor=nobody").await, Vec::<String>::new());
    assert_eq!(actions("action=NOTE_ADDED").await, ["NOTE_ADDED"]);
    assert_eq!(actions("action=ALERT_INGESTED&actor=analyst").await, Vec::<String>::new());
    assert_eq!(actions("action=NOTE_ADDED&from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z").await, ["NOTE_ADDED"]);
    assert_eq!(actions("from=2099-01-01T00:00:00Z").await, Vec::<String>::new());
    assert_eq!(actions("to=2020-01-01T00:00:00Z").await, Vec::<String>::new());
    let note = &auditor.get("/api/v1/audit-logs?action=NOTE_ADDED").await.body["items"][0];
    let (at, user) = (note["at"].as_str().unwrap(), note["actor"]["id"].as_str().unwrap());
    assert_eq!(actions(&format!("actor={user}&action=NOTE_ADDED&from={at}")).await, ["NOTE_ADDED"]);
    assert_eq!(actions(&format!("action=NOTE_ADDED&to={at}")).await, Vec::<String>::new());
    let page = auditor.get("/api/v1/audit-logs?limit=1").await.expect(StatusCode::OK);
    let cursor = page["next_cursor"].as_str().unwrap();
    auditor.get(&format!("/api/v1/audit-logs?limit=1&cursor={cursor}&order=asc")).await.expect_problem(422, "invalid");
    let sees_own = analyst.get("/api/v1/audit-logs?action=USER_SIGNED_IN").await.expect(StatusCode::OK);
    assert_eq!(sees_own["items"], json!([]), "sign-ins are for auditors and admins");
}

async fn what_is_wrong_is_a_problem_in_every_form(installation: Installation) {
    let reader = installation.reader();
    for path in [
        "/api/v1/incidents?format=xml",
        "/api/v1/incidents?format=csv&state=open",
        "/api/v1/incidents?format=csv&cursor=nonsense",
        "/api/v1/alerts?format=csv&limit=0",
        "/api/v1/playbooks?format=csv&limit=0",
        "/api/v1/audit-logs?action=EVERYTHING",
        "/api/v1/audit-logs?actor=%00",
        "/api/v1/audit-logs?from=yesterday",
    ] {
        reader.get(path).await.expect_problem(422, "invalid");
    }
    installation.anonymous().get("/api/v1/incidents?format=csv").await.expect_problem(401, "unauthenticated");
}
