//! Files kept with incidents, and duplicates merged.

use futures::StreamExt as _;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::json;

use crate::installation::Installation;
use crate::main_job::{brute_force, incident, told};
use crate::on_both_databases;

on_both_databases!(
    a_file_is_kept_and_given_back,
    a_file_that_cannot_be_kept_leaves_nothing,
    a_duplicate_gives_its_alerts_away,
    a_merge_is_refused_where_the_states_say_so,
    who_merges_contributes,
    a_download_ends_with_the_right_to_it,
    a_compressed_answer_arrives_whole,
);

const BOUNDARY: &str = "----boundary";

fn form(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    );
    [head.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

async fn a_file_is_kept_and_given_back(installation: Installation) {
    let id = incident(&installation).await;
    let path = format!("/api/v1/incidents/{id}/evidence");
    let analyst = installation.person("analyst").await;
    // More than one piece, and more than what a JSON body may have.
    let bytes: Vec<u8> = (0..1_500_000_u32).map(|number| (number % 251) as u8).collect();
    let request = analyst
        .request(Method::POST, &path)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(form("../<b>mail</b>.html", &bytes));
    let kept = analyst.send(request).await.expect(StatusCode::CREATED);
    let sha256 = domain::digest::Digest::of(&bytes).to_string();
    assert_eq!((&kept["id"], &kept["size"], &kept["sha256"]), (&json!("EVD-0000000001"), &json!(1_500_000), &json!(sha256)));
    assert_eq!((&kept["name"], &kept["added_by"]["username"]), (&json!("b.html"), &json!("analyst")));
    let raw = analyst.request(Method::POST, &format!("{path}?name=note.txt")).header("content-type", "application/octet-stream");
    analyst.send(raw.body("hello")).await.expect(StatusCode::CREATED);
    let reader = installation.reader();
    let given = reader.request(Method::GET, "/api/v1/evidence/EVD-0000000001").send().await.unwrap();
    let headers = given.headers().clone();
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert_eq!(headers["content-disposition"], "attachment; filename*=UTF-8''b%2Ehtml");
    assert_eq!(
        (&headers["x-content-sha256"], &headers["x-content-type-options"]),
        (&sha256.parse().unwrap(), &"nosniff".parse().unwrap())
    );
    assert_eq!(given.bytes().await.unwrap(), bytes);
    let detail = reader.get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    assert_eq!(detail["evidence"][0]["name"], "note.txt");
    assert_eq!(detail["evidence"][1], kept);
    assert_eq!(told(&detail)[0], "EVIDENCE_ADDED");
    let plain = Database::connect(&installation.database_url).await.unwrap();
    for change in [
        "UPDATE evidence SET name = 'other'",
        "DELETE FROM evidence",
        "UPDATE evidence_pieces SET position = 7",
        "DELETE FROM evidence_pieces",
        "INSERT INTO evidence_pieces SELECT upload, 99, bytes, received_at FROM evidence_pieces",
    ] {
        let refused = plain.execute_unprepared(change).await.unwrap_err().to_string();
        assert!(refused.contains("is refused"), "{change}: {refused}");
    }
}

async fn a_file_that_cannot_be_kept_leaves_nothing(installation: Installation) {
    let id = incident(&installation).await;
    let path = format!("/api/v1/incidents/{id}/evidence");
    let analyst = installation.person("analyst").await;
    let post =
        |path: &str, kind: &str, bytes: Vec<u8>| analyst.request(Method::POST, path).header("content-type", kind).body(bytes);
    let octets = "application/octet-stream";
    let boundary = format!("multipart/form-data; boundary={BOUNDARY}");
    let too_large = vec![b'x'; domain::evidence::EVIDENCE_BYTES_MAX + 1];
    analyst.send(post(&path, octets, too_large)).await.expect_problem(413, "too-large");
    analyst.send(post(&path, octets, Vec::new())).await.expect_problem(422, "invalid");
    analyst.send(post(&path, "text/plain", b"x".to_vec())).await.expect_problem(415, "unsupported-media-type");
    analyst.send(post(&path, &boundary, b"nonsense".to_vec())).await.expect_problem(400, "malformed");
    let endless_head = [format!("--{BOUNDARY}\r\nX-Endless: ").into_bytes(), vec![b'x'; 3 * 1024 * 1024]].concat();
    let refused = analyst.send(post(&path, &boundary, endless_head)).await.expect_problem(400, "malformed");
    assert!(refused["detail"].as_str().unwrap().contains("bytes before the file"), "{refused}");
    let no_file = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--{BOUNDARY}--\r\n");
    analyst.send(post(&path, &boundary, no_file.into_bytes())).await.expect_problem(422, "invalid");
    analyst.send(post("/api/v1/incidents/INC-0000000099/evidence", octets, b"x".to_vec())).await.expect_problem(404, "not-found");
    analyst.send(post(&format!("{path}?nonsense=1"), octets, b"x".to_vec())).await.expect_problem(422, "invalid");
    let auditor = installation.person("auditor").await;
    auditor
        .send(auditor.request(Method::POST, &path).header("content-type", octets).body("x"))
        .await
        .expect_problem(403, "forbidden");
    installation.reader().get("/api/v1/evidence/EVD-0000000001").await.expect_problem(404, "not-found");
    let plain = Database::connect(&installation.database_url).await.unwrap();
    let pieces = plain.query_one_raw(Statement::from_string(plain.get_database_backend(), "SELECT 1 FROM evidence_pieces"));
    assert!(pieces.await.unwrap().is_none(), "no piece is left");
    let detail = analyst.get(&format!("/api/v1/incidents/{id}")).await.expect(StatusCode::OK);
    assert_eq!(detail["evidence"], json!([]));
}

async fn a_duplicate_gives_its_alerts_away(installation: Installation) {
    let first = incident(&installation).await;
    let source = installation.source();
    let alert =
        json!({ "incident_type": "malware", "severity": "critical", "hostname": "ws-07", "alert_id": "edr-1", "source": "edr" });
    let second =
        source.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED)["incident_id"].as_str().unwrap().to_owned();
    let analyst = installation.person("analyst").await;
    let path = format!("/api/v1/incidents/{first}/merge");
    let into = analyst.post(&path, &json!({ "into": second })).await.expect(StatusCode::OK);
    assert_eq!((&into["id"], &into["alert_count"], &into["state"]), (&json!(second), &json!(2), &json!("classified")));
    assert_eq!(
        (&into["risk_score"], &into["severity"]),
        (&json!(100), &json!("S1")),
        "5/5/4 makes 90, a privileged account 15 more"
    );
    let duplicate = analyst.get(&format!("/api/v1/incidents/{first}")).await.expect(StatusCode::OK);
    assert_eq!(
        (&duplicate["state"], &duplicate["merged_into"], &duplicate["alert_count"]),
        (&json!("closed"), &json!(second), &json!(0))
    );
    assert_eq!(duplicate["allowed_transitions"], json!([]));
    assert_eq!(told(&duplicate)[..2], ["STATE_CHANGED", "INCIDENT_MERGED"]);
    let detail = analyst.get(&format!("/api/v1/incidents/{second}")).await.expect(StatusCode::OK);
    assert_eq!(detail["alerts"].as_array().unwrap().len(), 2);
    assert_eq!(told(&detail)[0], "INCIDENT_MERGED");
    for (query, expected) in [("observable=ip:91.23.11.9", vec![&second]), ("q=admin", vec![&second, &first])] {
        let page = analyst.get(&format!("/api/v1/incidents?{query}")).await.expect(StatusCode::OK);
        let ids: Vec<&str> = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
    let reopen = json!({ "to": "classified", "reason": "it was none" });
    let refused =
        analyst.post(&format!("/api/v1/incidents/{first}/transition"), &reopen).await.expect_problem(409, "illegal-transition");
    assert_eq!(refused["allowed"], json!([]));
    analyst.get(&format!("/api/v1/incidents/{first}/plan")).await.expect_problem(409, "no-playbook");
}

async fn a_merge_is_refused_where_the_states_say_so(installation: Installation) {
    let first = incident(&installation).await;
    let other = json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 });
    let second = installation.source().post("/api/v1/alerts", &other).await.expect(StatusCode::CREATED)["incident_id"].clone();
    let second = second.as_str().unwrap();
    let analyst = installation.person("analyst").await;
    let merge = |id: &str| format!("/api/v1/incidents/{id}/merge");
    analyst.post(&merge(&first), &json!({ "into": first })).await.expect_problem(422, "invalid");
    analyst.post(&merge(&first), &json!({ "into": "INC-0000000099" })).await.expect_problem(422, "invalid");
    analyst.post(&merge("INC-0000000099"), &json!({ "into": first })).await.expect_problem(404, "not-found");
    analyst.post(&merge(&first), &json!({})).await.expect_problem(422, "invalid");
    analyst.post(&format!("/api/v1/incidents/{first}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    analyst.post(&merge(second), &json!({ "into": first })).await.expect_problem(409, "run-active");
    analyst.post(&merge(&first), &json!({ "into": second })).await.expect_problem(409, "run-active");
    let third = json!({ "incident_type": "malware", "hostname": "ws-1", "severity": "low" });
    let third = installation.source().post("/api/v1/alerts", &third).await.expect(StatusCode::CREATED)["incident_id"].clone();
    let third = third.as_str().unwrap();
    analyst.post(&format!("/api/v1/incidents/{third}/transition"), &json!({ "to": "in_progress" })).await.expect(StatusCode::OK);
    let refused = analyst.post(&merge(third), &json!({ "into": second })).await.expect_problem(409, "illegal-transition");
    assert_eq!(refused["allowed"], json!(["contained"]));
    let close = json!({ "to": "closed", "reason": "false positive" });
    analyst.post(&format!("/api/v1/incidents/{second}/transition"), &close).await.expect(StatusCode::OK);
    let fourth = installation.source().post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    assert_eq!(fourth["correlated"], true, "the first is open still");
    installation.person("approver").await.post(&merge(&first), &json!({ "into": second })).await.expect_problem(403, "forbidden");
}

async fn who_merges_contributes(installation: Installation) {
    let first = incident(&installation).await;
    let other = json!({ "incident_type": "brute_force", "severity": "critical", "hostname": "ws-07", "username": "second" });
    let second = installation.source().post("/api/v1/alerts", &other).await.expect(StatusCode::CREATED)["incident_id"].clone();
    let both = installation.person("both").await;
    both.post(&format!("/api/v1/incidents/{first}/merge"), &json!({ "into": second })).await.expect(StatusCode::OK);
    let run = format!("/api/v1/incidents/{}/run", second.as_str().unwrap());
    let asked = installation.person("analyst").await.post(&run, &json!({})).await.expect(StatusCode::ACCEPTED);
    let approval = &asked["approval"];
    let decide = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    let vote = json!({ "decision": "approve", "reason": "confirmed with the owner", "plan_digest": approval["plan_digest"] });
    both.post(&decide, &vote).await.expect_problem(409, "separation-of-duties");
    installation.person("approver").await.post(&decide, &vote).await.expect(StatusCode::OK);
}

/// Far more than what connections hold back while nobody reads.
const LARGE: usize = 25_000_000;

async fn a_download_ends_with_the_right_to_it(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let upload = analyst.request(Method::POST, &format!("/api/v1/incidents/{id}/evidence?name=dump.bin"));
    let upload = upload.header("content-type", "application/octet-stream").body(vec![7; LARGE]);
    let path = format!("/api/v1/evidence/{}", analyst.send(upload).await.expect(StatusCode::CREATED)["id"].as_str().unwrap());
    for (client, taken_away, given_back) in [
        (
            installation.reader(),
            "UPDATE api_keys SET scopes = 'alerts:write' WHERE name = 'reader'",
            "UPDATE api_keys SET scopes = 'incidents:read' WHERE name = 'reader'",
        ),
        (
            installation.reader(),
            "UPDATE api_keys SET revoked_at = 1 WHERE name = 'reader'",
            "UPDATE api_keys SET revoked_at = NULL",
        ),
        (
            installation.person("auditor").await,
            "UPDATE users SET disabled_at = 1 WHERE username = 'auditor'",
            "UPDATE users SET disabled_at = NULL",
        ),
    ] {
        let mut chunks = client.request(Method::GET, &path).send().await.unwrap().bytes_stream();
        let mut received = chunks.next().await.unwrap().unwrap().len();
        installation.sql(taken_away).await;
        // A standing is relied upon for a second.
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let broke_off = loop {
            match chunks.next().await {
                Some(Ok(chunk)) => received += chunk.len(),
                Some(Err(_)) => break true,
                None => break false,
            }
        };
        assert!(broke_off && received < LARGE, "{taken_away}: {received} bytes");
        installation.sql(given_back).await;
    }
    let whole = analyst.request(Method::GET, &path).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len(), LARGE, "nothing else ends it");
}

async fn a_compressed_answer_arrives_whole(installation: Installation) {
    incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let page = analyst.request(Method::GET, "/incidents").header("accept-encoding", "br").send().await.unwrap();
    assert_eq!((page.status(), &page.headers()["content-encoding"]), (StatusCode::OK, &"br".parse().unwrap()));
    assert!(!page.bytes().await.unwrap().is_empty());
}
