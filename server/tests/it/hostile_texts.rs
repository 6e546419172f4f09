//! Every hostile text through every field that takes text: it is stored as it was sent or refused as a problem that names the field,
//! never an error of the server; exports stay what they are, pages show text as text, and whatever people read deceives nobody.

use futures::{StreamExt as _, stream};
use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::corpus::{Hostile, hostile, is_kept};
use crate::deceptive::{assert_page_is_plain, assert_plain};
use crate::exports::{records, text};
use crate::inert::assert_inert;
use crate::installation::{Answer, Client, Installation, pointers};
use crate::on_both_databases;

on_both_databases!(
    alerts_keep_or_refuse_hostile_texts,
    what_people_write_is_kept_or_refused,
    queries_headers_and_paths_are_read_or_refused,
    files_stay_what_they_are,
);

/// Requests at once.
const AT_ONCE: usize = 8;
/// Members of an alert that take any text.
const FREE: [&str; 6] = ["title", "raw_log", "hostname", "username", "url", "domain"];
/// Members that take a certain form only.
const FORMED: [&str; 11] = [
    "alert_id",
    "source",
    "incident_type",
    "severity",
    "impact",
    "occurred_at",
    "src_ip",
    "dst_ip",
    "file_hash",
    "email",
    "domain",
];

/// Does the same for every text, a few at a time.
async fn for_each<T>(work: impl AsyncFn(usize, Hostile) -> T) -> Vec<T> {
    stream::iter(hostile().into_iter().enumerate())
        .map(|(number, hostile)| work(number, hostile))
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Taken, or refused as a problem of the client's that says where.
#[track_caller]
fn taken_or_refused(answer: Answer, hostile: &Hostile, field: &str) -> Option<Value> {
    assert!(!answer.status.is_server_error(), "{field} of {hostile:?}: {answer:?}");
    if answer.status.is_success() {
        return Some(answer.body);
    }
    let code = answer.body["type"].as_str().unwrap_or_default();
    assert!(code.starts_with("urn:countersign:problem:"), "{field} of {hostile:?}: {answer:?}");
    let faults = answer.body["errors"].as_array().into_iter().flatten();
    for words in faults.chain([&answer.body]).filter_map(|said| said["detail"].as_str()) {
        assert_plain(words, field);
    }
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        assert!(!pointers(&answer.body).is_empty(), "{field} of {hostile:?}: {answer:?}");
    }
    None
}

/// An alert that holds the text wherever any text may stand.
fn alert_of(number: usize, text: &str) -> Value {
    let mut alert = json!({
        "incident_type": "brute_force", "impact": 5, "likelihood": 5, "confidence": 5, "src_ip": format!("10.{}.{}.7", number / 200, number % 200),
        "tags": [text], "mitre": [text], "context": { "privileged_account": true, "note": text, text: text, "list": [text, { "deep": text }] }
    });
    for member in FREE {
        alert[member] = json!(text);
    }
    alert
}

/// Posts an alert with the text; without the members for which it was refused.
async fn plant(source: &Client<'_>, number: usize, hostile: &Hostile) -> (Value, Value) {
    let mut alert = alert_of(number, &hostile.text);
    let first = source.post("/api/v1/alerts", &alert).await;
    if first.status == StatusCode::UNPROCESSABLE_ENTITY {
        for pointer in pointers(&first.body) {
            let member = pointer.split('/').nth(1).unwrap().to_owned();
            assert!(
                FREE.contains(&member.as_str()) || ["tags", "mitre"].contains(&member.as_str()),
                "{hostile:?}: {}",
                first.body
            );
            alert.as_object_mut().unwrap().remove(&member);
        }
        let receipt = source.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
        return (alert, receipt);
    }
    (alert, first.expect(StatusCode::CREATED))
}

/// The ids of the incidents that hold the texts, one for each text.
pub async fn planted(installation: &Installation) -> Vec<String> {
    let source = installation.source();
    let receipts = for_each(async |number, hostile| plant(&source, number, &hostile).await.1).await;
    receipts.iter().map(|receipt| receipt["incident_id"].as_str().unwrap().to_owned()).collect()
}

async fn alerts_keep_or_refuse_hostile_texts(installation: Installation) {
    let (source, reader) = (installation.source(), installation.reader());
    for_each(async |number, hostile| {
        let (sent, receipt) = plant(&source, number, &hostile).await;
        let path = format!("/api/v1/alerts/{}", receipt["id"].as_str().unwrap());
        let alert = reader.get(&path).await.expect(StatusCode::OK);
        assert!(sent["title"].is_null() || is_kept(&alert["title"], &hostile.text), "{hostile:?}: {alert}");
        let raw = reader.request(Method::GET, &format!("{path}/raw")).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(raw, serde_json::to_vec(&sent).unwrap(), "{hostile:?}: the bytes as received");
        let seen = alert["observables"].as_array().unwrap();
        let user = seen.iter().find(|observable| observable["kind"] == "user");
        assert_eq!(user.is_some(), sent["username"].is_string() || is_a_name(&hostile.text), "{hostile:?}: {alert}");
        assert!(user.is_none_or(|user| is_kept(&user["value"], &hostile.text)), "{hostile:?}: {alert}");
        let detail = reader.get(&format!("/api/v1/incidents/{}", receipt["incident_id"].as_str().unwrap())).await;
        detail.expect(StatusCode::OK);
        for member in FORMED {
            let mut alert = json!({ "raw_log": "x" });
            alert[member] = json!(hostile.text);
            taken_or_refused(source.post("/api/v1/alerts", &alert).await, &hostile, member);
        }
    })
    .await;
}

/// `context` is looked through for names; there the text stands under its own name only.
fn is_a_name(text: &str) -> bool {
    ["username", "user", "target_account"].contains(&text)
}

async fn what_people_write_is_kept_or_refused(installation: Installation) {
    let incidents = planted(&installation).await;
    let (analyst, approver, admin) =
        (installation.person("analyst").await, installation.person("approver").await, installation.person("admin").await);
    let user = admin.get("/api/v1/users").await.expect(StatusCode::OK)["items"][0]["id"].as_str().unwrap().to_owned();
    for_each(async |number, hostile| {
        let incident = format!("/api/v1/incidents/{}", incidents[number]);
        edit(&analyst, &incident, &hostile).await;
        decide(&analyst, &approver, &incident, &hostile).await;
        administer(&admin, &user, &hostile).await;
        view(&analyst, &hostile).await;
    })
    .await;
    for_each(async |_, hostile| {
        let text = &hostile.text;
        // Repeated failures are throttled, so that most of these are 429.
        for (path, body) in [
            ("/api/v1/session", json!({ "username": text, "password": text })),
            ("/api/v1/session/step-up", json!({ "password": text })),
            ("/api/v1/session/password", json!({ "old_password": text, "new_password": text })),
            ("/api/v1/setup", json!({ "token": text, "username": text, "display_name": text, "password": text })),
            ("/api/v1/password", json!({ "token": text, "password": text })),
        ] {
            let refused = taken_or_refused(approver.post(path, &body).await, &hostile, path);
            assert_eq!(refused, None, "{path} with {hostile:?}");
        }
    })
    .await;
}

/// Notes, tasks, title, tags, verdict, evidence and a move by hand.
async fn edit(analyst: &Client<'_>, incident: &str, hostile: &Hostile) {
    let text = &hostile.text;
    if let Some(changed) =
        taken_or_refused(analyst.patch(incident, &json!({ "analyst_notes": text })).await, hostile, "analyst_notes")
    {
        assert_eq!(changed["analyst_notes"], json!(text));
    }
    if let Some(changed) = taken_or_refused(analyst.patch(incident, &json!({ "title": text })).await, hostile, "title") {
        assert!(is_kept(&changed["title"], text), "{hostile:?}: {changed}");
    }
    if let Some(changed) = taken_or_refused(analyst.patch(incident, &json!({ "tags": [text] })).await, hostile, "tags") {
        assert!(is_kept(&changed["tags"][0], text), "{hostile:?}: {changed}");
    }
    let verdict = json!({ "verdict": "suspicious", "verdict_reason": text });
    taken_or_refused(analyst.patch(incident, &verdict).await, hostile, "verdict_reason");
    taken_or_refused(analyst.patch(incident, &json!({ "assignee": text })).await, hostile, "assignee");
    let note = analyst.post(&format!("{incident}/notes"), &json!({ "text": text })).await;
    if let Some(note) = taken_or_refused(note, hostile, "note") {
        assert!(is_kept(&note["text"], text), "{hostile:?}: {note}");
    }
    let task = analyst.post(&format!("{incident}/tasks"), &json!({ "title": text })).await;
    if let Some(task) = taken_or_refused(task, hostile, "task") {
        assert!(is_kept(&task["title"], text), "{hostile:?}: {task}");
        let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
        taken_or_refused(analyst.patch(&path, &json!({ "title": text, "assignee": text })).await, hostile, "task's assignee");
    }
    let file = analyst.request(Method::POST, &format!("{incident}/evidence")).query(&[("name", text)]);
    let kept = analyst.send(file.header("content-type", "application/octet-stream").body(text.clone())).await;
    if let Some(file) = taken_or_refused(kept, hostile, "evidence") {
        let path = format!("/api/v1/evidence/{}", file["id"].as_str().unwrap());
        let download = analyst.request(Method::GET, &path).send().await.unwrap();
        let name = download.headers()["content-disposition"].to_str().unwrap().strip_prefix("attachment; filename*=UTF-8''");
        let name = percent_encoding::percent_decode_str(name.unwrap()).decode_utf8().unwrap();
        assert_eq!(file["name"], json!(name));
        assert_plain(&name, "a file's name");
        assert_eq!(download.bytes().await.unwrap(), text.as_bytes(), "{hostile:?}");
    }
}

/// A run that is rejected with the text as the reason; then a move by hand with it.
async fn decide(analyst: &Client<'_>, approver: &Client<'_>, incident: &str, hostile: &Hostile) {
    let text = &hostile.text;
    let wanted = json!({ "playbook_id": text, "plan_digest": text });
    assert_eq!(taken_or_refused(analyst.post(&format!("{incident}/run"), &wanted).await, hostile, "run"), None);
    let asked = taken_or_refused(analyst.post(&format!("{incident}/run"), &json!({})).await, hostile, "run");
    if let Some(approval) = asked.map(|asked| asked["approval"].clone()).filter(|approval| !approval.is_null()) {
        let vote = json!({ "decision": "reject", "reason": text, "plan_digest": approval["plan_digest"] });
        let path = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
        if let Some(decided) = taken_or_refused(approver.post(&path, &vote).await, hostile, "decision") {
            assert!(is_kept(&decided["decisions"][0]["reason"], text), "{hostile:?}: {decided}");
        }
        let run = format!("/api/v1/runs/{}/steps/block/resolve", approval["run_id"].as_str().unwrap());
        taken_or_refused(analyst.post(&run, &json!({ "outcome": "failed", "reason": text })).await, hostile, "resolution");
    }
    let moved = analyst.post(&format!("{incident}/transition"), &json!({ "to": "in_progress", "reason": text })).await;
    taken_or_refused(moved, hostile, "transition");
}

/// Names of people and keys, and a playbook.
async fn administer(admin: &Client<'_>, user: &str, hostile: &Hostile) {
    let text = &hostile.text;
    let renamed = admin.patch(&format!("/api/v1/users/{user}"), &json!({ "display_name": text })).await;
    taken_or_refused(renamed, hostile, "display_name");
    let (new_user, new_key) =
        (json!({ "username": text, "roles": ["analyst"] }), json!({ "name": text, "source": text, "scopes": ["alerts:write"] }));
    taken_or_refused(admin.post("/api/v1/users", &new_user).await, hostile, "username");
    taken_or_refused(admin.post("/api/v1/api-keys", &new_key).await, hostile, "name of a key");
    let step = json!({ "id": "tell", "action": "notify", "with": { "channel": "soc", "message": text } });
    let playbook =
        json!({ "id": "PB-HOSTILE", "name": text, "description": text, "incident_type": "hostile", "actions": [step] });
    for (method, path) in [(Method::POST, "validate"), (Method::PUT, "PB-HOSTILE")] {
        let request = admin.request(method, &format!("/api/v1/playbooks/{path}")).header("content-type", "application/yaml");
        taken_or_refused(admin.send(request.body(playbook.to_string())).await, hostile, path);
    }
    let request = admin.request(Method::POST, "/api/v1/playbooks/validate").header("content-type", "application/yaml");
    taken_or_refused(admin.send(request.body(text.clone())).await, hostile, "playbook");
}

/// A saved view, which is taken away again: a person keeps a few only.
async fn view(analyst: &Client<'_>, hostile: &Hostile) {
    let text = &hostile.text;
    for (name, query) in [(text.as_str(), ""), ("Mine", text.as_str())] {
        let kept = analyst.post("/api/v1/views", &json!({ "name": format!("{name}"), "query": query })).await;
        let Some(kept) = taken_or_refused(kept, hostile, "view") else { continue };
        assert!(is_kept(&kept["name"], name), "{hostile:?}: {kept}");
        let path = format!("/api/v1/views/{}", kept["id"].as_str().unwrap());
        assert_eq!(analyst.delete(&path).await.status, StatusCode::NO_CONTENT);
    }
}

async fn queries_headers_and_paths_are_read_or_refused(installation: Installation) {
    planted(&installation).await;
    let analyst = installation.person("analyst").await;
    for_each(async |_, hostile| {
        let text = &hostile.text;
        for name in ["q", "tag", "observable", "assignee", "source", "incident_type", "from", "cursor", "sort", "limit", text] {
            let request = analyst.request(Method::GET, "/api/v1/incidents").query(&[(name, text)]);
            let found = taken_or_refused(analyst.send(request).await, &hostile, name);
            let found = found.map(|page| page["items"].as_array().unwrap().len());
            assert!(name != "observable" || found != Some(0), "{hostile:?} is found by what was seen");
        }
        for (path, name) in
            [("audit-logs", "actor"), ("audit-logs", "incident_id"), ("approvals", "status"), ("alerts", "cursor")]
        {
            let request = analyst.request(Method::GET, &format!("/api/v1/{path}")).query(&[(name, text)]);
            taken_or_refused(analyst.send(request).await, &hostile, name);
        }
        let name = percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        for kind in ["incidents", "alerts", "runs", "approvals", "playbooks", "evidence"] {
            taken_or_refused(analyst.get(&format!("/api/v1/{kind}/{name}")).await, &hostile, kind);
        }
        let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else { return };
        for header in [
            "idempotency-key",
            "x-correlation-id",
            "user-agent",
            "if-match",
            "accept",
            "x-forwarded-for",
            "authorization",
            "origin",
        ] {
            let request =
                analyst.request(Method::PATCH, "/api/v1/incidents/INC-0000000001").header(header, &value).json(&json!({}));
            taken_or_refused(analyst.send(request).await, &hostile, header);
            let request = analyst.request(Method::POST, "/api/v1/incidents/INC-9999999999/notes").header(header, &value);
            taken_or_refused(analyst.send(request.json(&json!({ "text": "x" }))).await, &hostile, header);
        }
        let request = analyst.request(Method::GET, "/api/v1/incidents/INC-0000000001").header("if-none-match", &value);
        assert!(analyst.send(request).await.status.as_u16() < 400, "{hostile:?}");
    })
    .await;
}

async fn files_stay_what_they_are(installation: Installation) {
    let incidents = planted(&installation).await;
    let (analyst, approver, admin) =
        (installation.person("analyst").await, installation.person("approver").await, installation.person("admin").await);
    let user = admin.get("/api/v1/users").await.expect(StatusCode::OK)["items"][0]["id"].as_str().unwrap().to_owned();
    for_each(async |number, hostile| {
        let incident = format!("/api/v1/incidents/{}", incidents[number]);
        edit(&analyst, &incident, &hostile).await;
        decide(&analyst, &approver, &incident, &hostile).await;
        administer(&admin, &user, &hostile).await;
    })
    .await;
    let auditor = installation.person("auditor").await;
    for list in ["incidents", "alerts", "runs", "approvals", "playbooks", "audit-logs"] {
        let (_, csv) = text(&auditor, &format!("/api/v1/{list}?format=csv"), "*/*").await;
        let records = records(&csv);
        let (_, lines) = text(&auditor, &format!("/api/v1/{list}?format=ndjson"), "*/*").await;
        let count = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(Value::is_object).count();
        assert_eq!(records.len(), count + 1, "{list}: as many rows as lines");
        for record in &records {
            assert_eq!(record.len(), records[0].len(), "{list}: {record:?}");
            for cell in record {
                let formula =
                    cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
                assert!(!formula, "{list}: {cell:?}");
                assert_plain(&cell.replace("\r\n", "\n"), list);
            }
        }
    }
    // Pages are rendered from the same answers, whichever database they come from.
    if installation.database_url.starts_with("sqlite") {
        pages_are_inert(&installation, &incidents, &admin, &approver).await;
    }
}

/// What was written stands in every page as text.
async fn pages_are_inert(installation: &Installation, incidents: &[String], admin: &Client<'_>, approver: &Client<'_>) {
    let reader = installation.reader();
    let ids = async |list: &str| {
        let page = reader.get(&format!("/api/v1/{list}?limit=200")).await.expect(StatusCode::OK);
        let ids = page["items"].as_array().unwrap().iter().map(|item| format!("/{list}/{}", item["id"].as_str().unwrap()));
        ids.collect::<Vec<String>>()
    };
    let lists = ["/incidents", "/alerts", "/runs", "/approvals", "/playbooks", "/playbooks/PB-HOSTILE", "/audit", "/settings"];
    let sections = ["timeline", "entities", "evidence", "runs", "tasks", "notes", "similar", "audit"];
    let mut paths: Vec<String> = lists.map(ToOwned::to_owned).to_vec();
    paths.extend(
        ["/settings?section=users", "/playbooks/PB-HOSTILE?section=versions", "/playbooks/upload?from=PB-HOSTILE"]
            .map(ToOwned::to_owned),
    );
    paths.extend(incidents.iter().map(|id| format!("/incidents/{id}")));
    paths.extend(incidents.iter().zip(sections.iter().cycle()).map(|(id, section)| format!("/incidents/{id}?section={section}")));
    for list in ["alerts", "approvals", "runs"] {
        paths.extend(ids(list).await);
    }
    let texts = hostile();
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    paths.extend(texts.iter().map(|hostile| format!("/incidents?q={}", encoded(&hostile.text))));
    paths.extend(texts.iter().map(|hostile| format!("/{}", encoded(&hostile.text))));
    paths.extend(texts.iter().map(|hostile| format!("/sign-in?next={0}&error={0}", encoded(&hostile.text))));
    stream::iter(paths)
        .for_each_concurrent(AT_ONCE, async |path| {
            let client = if path.starts_with("/approvals") { approver } else { admin };
            let answer = client.request(Method::GET, &path).send().await.unwrap();
            let status = answer.status();
            assert!(!status.is_server_error(), "{path}: {status} {}", answer.text().await.unwrap());
            if answer.headers().get("content-type").is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html")) {
                let page = answer.text().await.unwrap();
                assert_inert(&page, &path);
                assert_page_is_plain(&page, &path);
            }
        })
        .await;
}
