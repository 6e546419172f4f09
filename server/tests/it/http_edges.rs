//! The edges of HTTP itself: methods, media types, queries, paths, heads and bodies that are wrong, too large or too slow.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::installation::{Client, Installation, pointers};
use crate::on_both_databases;

on_both_databases!(texts_without_nul_are_stored_and_others_are_refused, every_nul_is_told_with_everything_else_that_is_wrong);

/// The operations of the OpenAPI document, with names in their paths that are well-formed.
pub async fn operations(installation: &Installation) -> Vec<(Method, String, Value)> {
    let document = installation.anonymous().get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            operations.push((method, concrete(path), operation.clone()));
        }
    }
    assert!(operations.len() > 25);
    operations
}

fn concrete(path: &str) -> String {
    let prefix = match path.split('/').nth(3).unwrap_or_default() {
        "alerts" => "ALT-0000000001",
        "runs" => "RUN-0000000001",
        "approvals" => "APR-0000000001",
        "playbooks" => "PB-BRUTE-FORCE",
        "incidents" => "INC-0000000001",
        "tasks" => "TASK-0000000001",
        _ => "01890a5d-ac96-774b-bcce-b302099a8057",
    };
    let named = path.replace("{id}", prefix).replace("{step}", "block");
    let digest = "0".repeat(64);
    named.split('/').map(|part| if part.starts_with('{') { digest.as_str() } else { part }).collect::<Vec<_>>().join("/")
}

async fn speak(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut off has still said what it said.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_taken_is_405_with_those_that_are() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    for (path, methods) in [
        ("/api/v1/alerts", &["GET", "HEAD", "POST"][..]),
        ("/api/v1/alerts/batch", &["POST"]),
        ("/alerts/ingest", &["POST"]),
        ("/api/v1/incidents/INC-0000000001/transition", &["POST"]),
        ("/api/v1/audit-logs", &["GET", "HEAD"]),
        ("/api/v1/openapi.json", &["GET", "HEAD"]),
        ("/api/v1/session", &["DELETE", "GET", "HEAD", "POST"]),
    ] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if methods.contains(&method) {
                continue;
            }
            let answer = analyst.send(analyst.request(method.parse().unwrap(), path)).await;
            let mut allowed: Vec<String> =
                answer.headers["allow"].to_str().unwrap().split(',').map(|method| method.trim().to_owned()).collect();
            allowed.sort();
            assert_eq!(allowed, methods, "{method} {path}");
            answer.expect_problem(405, "method-not-allowed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_answered_like_a_get_without_its_body() {
    let installation = Installation::on_sqlite().await;
    let reader = installation.reader();
    for path in ["/api/v1/incidents", "/api/v1/alerts", "/api/v1/openapi.json", "/health", "/livez"] {
        let answer = reader.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.bytes().await.unwrap().is_empty(), "{path}");
    }
    assert_eq!(reader.request(Method::HEAD, "/api/v1/nothing").send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_nobody_reads_is_refused_everywhere() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    for (method, path, _) in operations(&installation).await {
        if ["/health", "/readyz", "/livez", "/metrics"].contains(&path.as_str()) {
            continue;
        }
        let request = analyst.request(method.clone(), &format!("{path}?nonsense=1")).json(&json!({}));
        let answer = analyst.send(request).await;
        let forbidden = answer.status == StatusCode::FORBIDDEN;
        assert!(forbidden || answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{method} {path}: {answer:?}");
        if !forbidden {
            assert!(answer.body["errors"].to_string().contains("/nonsense"), "{method} {path}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_json_body_is_read_strictly() {
    let installation = Installation::on_sqlite().await;
    let (analyst, approver) = (installation.person("analyst").await, installation.person("approver").await);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    let mut checked = 0;
    for (method, path, operation) in operations(&installation).await {
        let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
        if !content.contains_key("application/json") || content.contains_key("application/yaml") {
            continue;
        }
        let client = if path.ends_with("/decide") { &approver } else { &analyst };
        let send = |kind: Option<&'static str>, body: String| {
            let request = client.request(method.clone(), &path).body(body);
            client.send(match kind {
                Some(kind) => request.header("content-type", kind),
                None => request,
            })
        };
        let json = Some("application/json");
        for (kind, body, status, code) in [
            (None, "{}".to_owned(), 415, "unsupported-media-type"),
            (Some("text/plain"), "{}".to_owned(), 415, "unsupported-media-type"),
            (Some("application/xml"), "<a/>".to_owned(), 415, "unsupported-media-type"),
            (Some("application/jsonx"), "{}".to_owned(), 415, "unsupported-media-type"),
            (json, String::new(), 400, "malformed"),
            (json, "{".to_owned(), 400, "malformed"),
            (json, "\u{feff}{}".to_owned(), 400, "malformed"),
            (json, "{} {}".to_owned(), 400, "malformed"),
            (json, "[]".to_owned(), 422, "invalid"),
            (json, "[null, null]".to_owned(), 422, "invalid"),
            (json, "7".to_owned(), 422, "invalid"),
            (json, deep.clone(), 400, "malformed"),
        ] {
            let answer = send(kind, body).await;
            if answer.status == StatusCode::FORBIDDEN {
                break;
            }
            if path.ends_with("/batch") && [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status) {
                // The depth of a batch is that of its items, each of which has its own result; a document that is no array is a wrong value.
                continue;
            }
            assert_eq!(answer.status.as_u16(), status, "{method} {path} {kind:?}: {}", answer.body);
            answer.expect_problem(status, code);
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_gets_the_answer() {
    let installation = Installation::on_sqlite().await;
    let source = installation.source();
    for size in [1024 * 1024 + 1, 9 * 1024 * 1024, 16 * 1024 * 1024] {
        let request = source.request(Method::POST, "/api/v1/alerts").header("content-type", "application/json");
        source.send(request.body(vec![b' '; size])).await.expect_problem(413, "too-large");
    }
}

async fn texts_without_nul_are_stored_and_others_are_refused(installation: Installation) {
    let nul = "a\u{0}b";
    let (source, analyst) = (installation.source(), installation.person("analyst").await);
    let receipt =
        source.post("/api/v1/alerts", &json!({ "title": "x", "context": { "kept": nul } })).await.expect(StatusCode::CREATED);
    let incident = format!("/api/v1/incidents/{}", receipt["incident_id"].as_str().unwrap());
    let refused = |path: String, body: Value, pointer: &'static str| {
        let analyst = &analyst;
        async move {
            let problem = analyst.post(&path, &body).await.expect_problem(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}");
        }
    };
    refused("/api/v1/alerts".into(), json!({ "title": nul }), "/title").await;
    refused("/api/v1/alerts".into(), json!({ "raw_log": nul }), "/raw_log").await;
    refused(format!("{incident}/notes"), json!({ "text": nul }), "/text").await;
    refused(format!("{incident}/transition"), json!({ "to": "closed", "reason": nul }), "/reason").await;
    let anonymous = installation.anonymous();
    let credentials = json!({ "username": nul, "password": "correct horse battery" });
    anonymous.post("/api/v1/session", &credentials).await.expect_problem(422, "invalid");
    let form = anonymous.request(Method::POST, "/sign-in").form(&[("username", nul), ("password", "correct horse battery")]);
    assert_eq!(anonymous.send(form).await.status, StatusCode::SEE_OTHER);
    for path in ["/api/v1/incidents?cursor=%00", "/api/v1/audit-logs?incident_id=%00", "/api/v1/approvals?status=%00"] {
        analyst.get(path).await.expect_problem(422, "invalid");
    }
    for path in ["/api/v1/incidents/%00", "/api/v1/playbooks/%00", "/api/v1/incidents/INC-0000000001%00"] {
        analyst.get(path).await.expect_problem(404, "not-found");
    }
}

async fn every_nul_is_told_with_everything_else_that_is_wrong(installation: Installation) {
    let nul = "a\u{0}b";
    let admin = installation.person("admin").await;
    let alert = installation.source().post("/api/v1/alerts", &json!({ "title": "x" })).await.expect(StatusCode::CREATED);
    let incident = format!("/api/v1/incidents/{}", alert["incident_id"].as_str().unwrap());
    installation.grant("admin", "admin analyst approver").await;
    for (method, path, body, expected) in [
        (
            "PATCH",
            incident.clone(),
            json!({ "title": nul, "analyst_notes": nul, "tags": ["", nul], "assignee": nul, "verdict": "benign", "verdict_reason": nul }),
            &["/analyst_notes", "/assignee", "/tags/0", "/tags/1", "/title", "/verdict_reason"][..],
        ),
        ("PATCH", incident.clone(), json!({ "title": nul, "tags": 5 }), &["/tags", "/title"]),
        ("POST", format!("{incident}/notes"), json!({ "text": 5, "more": nul }), &["/more", "/text"]),
        ("POST", format!("{incident}/tasks"), json!({ "title": nul, "assignee": "nobody" }), &["/assignee", "/title"]),
        ("POST", format!("{incident}/transition"), json!({ "to": "closed", "reason": nul }), &["/reason"]),
        ("POST", format!("{incident}/run"), json!({ "playbook_id": nul }), &["/playbook_id"]),
        ("POST", format!("{incident}/merge"), json!({ "into": nul }), &["/into"]),
        ("POST", "/api/v1/views".to_owned(), json!({ "name": nul, "query": nul }), &["/name", "/query"]),
        (
            "POST",
            "/api/v1/users".to_owned(),
            json!({ "username": nul, "display_name": nul, "roles": [], "password": nul }),
            &["/display_name", "/password", "/roles", "/username"],
        ),
        ("POST", "/api/v1/api-keys".to_owned(), json!({ "name": nul, "scopes": [] }), &["/name", "/scopes"]),
        ("POST", "/api/v1/session".to_owned(), json!({ "username": nul, "password": nul }), &["/password", "/username"]),
        ("POST", "/api/v1/session/step-up".to_owned(), json!({ "password": nul }), &["/password"]),
        (
            "POST",
            "/api/v1/session/password".to_owned(),
            json!({ "old_password": nul, "new_password": nul }),
            &["/new_password", "/old_password"],
        ),
        ("POST", "/api/v1/setup".to_owned(), json!({ "token": nul, "username": "x", "password": nul }), &["/token"]),
        ("POST", "/api/v1/password".to_owned(), json!({ "token": nul, "password": nul }), &["/token"]),
        (
            "POST",
            "/api/v1/approvals/APR-0000000009/decide".to_owned(),
            json!({ "decision": "maybe", "reason": nul, "plan_digest": "0" }),
            &["/decision", "/plan_digest", "/reason"],
        ),
    ] {
        let problem = admin.send(admin.request(method.parse().unwrap(), &path).json(&body)).await.expect_problem(422, "invalid");
        let mut found = pointers(&problem);
        found.sort_unstable();
        assert_eq!(found, expected, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strange_path_names_nothing() {
    let installation = Installation::on_sqlite().await;
    let analyst = installation.person("analyst").await;
    let long = format!("/api/v1/incidents/{}", "a".repeat(8_000));
    for path in [
        "/api/v1/incidents/..%2f..%2fetc%2fpasswd",
        "/api/v1/incidents/%2e%2e",
        "/api/v1/incidents/%252e%252e%252f",
        "/api/v1/incidents/INC-0000000001%2f",
        "/api/v1/incidents/INC-99999999999999999999",
        "/api/v1/incidents/inc-0000000001",
        "/api/v1/incidents/%ff%fe",
        "/api/v1/incidents/INC-0000000001;x=1",
        "/api/v1/incidents//",
        "/api/v1//incidents",
        "/api/v1/incidents/",
        "/api/v1/%69ncident",
        "/api/v1/incidents/💥",
        "/api/v1/alerts/ALT-0000000001/raw/..",
        "/alerts/ingest/",
        long.as_str(),
    ] {
        let answer = analyst.get(path).await;
        assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
    for path in ["/pkg/..%2f..%2fCargo.toml", "/pkg/%2e%2e/%2e%2e/etc/passwd", "/pkg//etc/passwd", "/docs/..%2fCargo.toml"] {
        assert_eq!(analyst.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let address = installation.running.address;
    for line in [
        "GET /../../etc/passwd HTTP/1.1",
        "GET http://evil.example/api/v1/incidents HTTP/1.1",
        "GET /api/v1/incidents%0d%0aX: y HTTP/1.1",
    ] {
        let answer = speak(address, format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 5") && !answer.contains("root:"), "{line}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_or_wrong_is_refused_before_there_is_a_request() {
    let installation = Installation::on_sqlite().await;
    let address = installation.running.address;
    let many: String = (0..120).map(|number| format!("x-{number}: y\r\n")).collect();
    for (head, expected) in [
        (format!("GET /livez HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "a".repeat(300_000)), "HTTP/1.1 431"),
        (format!("GET /livez HTTP/1.1\r\nhost: x\r\n{many}\r\n"), "HTTP/1.1 431"),
        ("GET /livez HTTP/1.1\r\nhost: x\r\nx-nul: a\0b\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("GET /livez HTTP/9.9\r\nhost: x\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(), "HTTP/1.1 400"),
    ] {
        let answer = speak(address, head.as_bytes()).await;
        assert!(answer.starts_with(expected), "{:.60}: {answer}", head);
    }
    assert_eq!(installation.anonymous().get("/livez").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_slowly_does_not_hold_the_server() {
    let installation = Installation::configured(|config| {
        config.time_limits.head = Duration::from_millis(300);
        config.time_limits.body = Duration::from_millis(300);
    })
    .await;
    let address = installation.running.address;
    assert_eq!(speak(address, b"GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ").await, "", "a head that never ends has no answer");
    let key = installation.source().key.unwrap();
    let head = format!(
        "POST /api/v1/alerts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    let answer = speak(address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("urn:countersign:problem:malformed"), "{answer}");
    let alerts = installation.reader().get("/api/v1/alerts").await.expect(StatusCode::OK);
    assert_eq!(alerts["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correlation_id_is_taken_only_if_it_is_well_formed() {
    let installation = Installation::on_sqlite().await;
    let reader = installation.reader();
    let echoed = |id: String| {
        let request = reader.request(Method::GET, "/api/v1/incidents").header("x-correlation-id", id);
        async { reader.send(request).await.headers["x-correlation-id"].to_str().unwrap().to_owned() }
    };
    let longest = "a".repeat(128);
    for id in ["shift-42", "A.b_c-9", longest.as_str()] {
        assert_eq!(echoed(id.to_owned()).await, id);
    }
    for id in ["", "two words", "a/b", "<script>", "a\u{a0}b", &"a".repeat(129)] {
        assert_ne!(echoed(id.to_owned()).await, id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_can_be_browsed_without_weakening_any_policy() {
    let installation = Installation::on_sqlite().await;
    let anonymous: Client<'_> = installation.anonymous();
    let page = anonymous.request(Method::GET, "/docs").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = page.text().await.unwrap();
    assert!(!html.contains("<script>") && !html.contains("style="), "nothing inline");
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-initializer.js"] {
        assert!(html.contains(&format!("/docs/{file}")), "{file}");
        let answer = anonymous.request(Method::GET, &format!("/docs/{file}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
        let expected = if file.ends_with(".css") { "text/css" } else { "javascript" };
        assert!(answer.headers()["content-type"].to_str().unwrap().contains(expected), "{file}");
    }
    let start = anonymous.request(Method::GET, "/docs/swagger-initializer.js").send().await.unwrap().text().await.unwrap();
    assert!(start.contains("/api/v1/openapi.json"), "{start}");
    let home = anonymous.request(Method::GET, "/sign-in").send().await.unwrap();
    assert!(!home.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
}
