//! Requests that are wrong on purpose: each gets a problem that says what is wrong, and nothing is stored.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::Installation;
use crate::main_job::brute_force;
use crate::on_both_databases;

on_both_databases!(
    a_bad_alert_is_refused_and_leaves_nothing,
    every_invalid_field_is_named,
    a_repeated_alert_is_counted,
    the_raw_bytes_are_kept,
    unknown_addresses_and_methods_are_problems,
    every_answer_has_the_security_headers,
    hostile_text_is_rendered_as_text,
    the_openapi_document_describes_every_route,
);

async fn a_bad_alert_is_refused_and_leaves_nothing(installation: Installation) {
    let source = installation.source();
    let post = |body: Vec<u8>, kind: &'static str| {
        source.request(Method::POST, "/api/v1/alerts").header("content-type", kind).body(body)
    };
    let deep =
        |levels: usize| format!(r#"{{"title":"x","context":{}1{}}}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels)).into_bytes();
    for (body, kind, status, code) in [
        (br#"{"title":"x"}"#.to_vec(), "text/plain", 415, "unsupported-media-type"),
        (Vec::new(), "application/json", 400, "malformed"),
        (b"{".to_vec(), "application/json", 400, "malformed"),
        (br#"{"title":"x","title":"y"}"#.to_vec(), "application/json", 400, "malformed"),
        (deep(64), "application/json", 400, "malformed"),
        (b"\xff\xfe".to_vec(), "application/json", 400, "malformed"),
        (b"[]".to_vec(), "application/json", 422, "invalid"),
        (b"{}".to_vec(), "application/json", 422, "invalid"),
        (br#"{"title":"a\u0000b"}"#.to_vec(), "application/json", 422, "invalid"),
        (vec![b' '; 1024 * 1024 + 1], "application/json", 413, "too-large"),
    ] {
        source.send(post(body, kind)).await.expect_problem(status, code);
    }
    let alerts = installation.reader().get("/api/v1/alerts").await.expect(StatusCode::OK);
    assert_eq!(alerts, json!({ "items": [], "next_cursor": null }));
}

async fn every_invalid_field_is_named(installation: Installation) {
    let alert = json!({ "incident_type": "Brute Force", "impact": "4", "likelihood": 4.0, "confidence": 6, "src_ip": "999.1.1.1",
        "context": { "privileged_account": "yes" } });
    let problem = installation.source().post("/api/v1/alerts", &alert).await.expect_problem(422, "invalid");
    let mut pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/confidence", "/context/privileged_account", "/impact", "/incident_type", "/likelihood", "/src_ip"]);
}

async fn a_repeated_alert_is_counted(installation: Installation) {
    let source = installation.source();
    let mut alert = brute_force();
    alert["alert_id"] = json!("siem-1");
    let first = source.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    let again = source.post("/api/v1/alerts", &alert).await.expect(StatusCode::OK);
    assert_eq!((&again["id"], &again["deduplicated"]), (&first["id"], &json!(true)));
    let alerts = installation.reader().get("/api/v1/alerts").await.expect(StatusCode::OK);
    assert_eq!((alerts["items"].as_array().unwrap().len(), &alerts["items"][0]["duplicates"]), (1, &json!(1)));
}

async fn the_raw_bytes_are_kept(installation: Installation) {
    let bytes = b"{ \"title\" : \"spaces  and \\u00e9\",\n\t\"unknown\": [1.50] }".to_vec();
    let source = installation.source();
    let request = source.request(Method::POST, "/api/v1/alerts").header("content-type", "application/json").body(bytes.clone());
    let receipt = source.send(request).await.expect(StatusCode::CREATED);
    let reader = installation.reader();
    let path = format!("/api/v1/alerts/{}", receipt["id"].as_str().unwrap());
    let raw = reader.request(Method::GET, &format!("{path}/raw")).send().await.unwrap();
    assert_eq!(raw.headers()["content-disposition"], "attachment");
    assert_eq!(raw.bytes().await.unwrap(), bytes);
    let alert = reader.get(&path).await.expect(StatusCode::OK);
    assert_eq!(alert["raw_sha256"], domain::digest::Digest::of(&bytes).to_string());
}

async fn unknown_addresses_and_methods_are_problems(installation: Installation) {
    for client in [installation.anonymous(), installation.person("analyst").await] {
        client.get("/api/v1/nothing").await.expect_problem(404, "not-found");
        client.post("/feeds/nothing.txt", &json!({})).await.expect_problem(404, "not-found");
    }
    let reader = installation.reader();
    reader.get("/api/v1/nothing").await.expect_problem(404, "not-found");
    reader.get("/api/v1/incidents/INC-0000000009").await.expect_problem(404, "not-found");
    reader.get("/api/v1/incidents/nonsense").await.expect_problem(404, "not-found");
    reader.send(reader.request(Method::DELETE, "/api/v1/alerts")).await.expect_problem(405, "method-not-allowed");
    let problem = reader.get("/api/v1/incidents?limit=0&cursor=%00&nonsense=1").await.expect_problem(422, "invalid");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3);
    reader.get("/api/v1/incidents?cursor=nonsense").await.expect_problem(422, "invalid");
    let with_id = reader.request(Method::GET, "/api/v1/nothing").header("x-correlation-id", "shift-42");
    assert_eq!(reader.send(with_id).await.expect_problem(404, "not-found")["correlation_id"], "shift-42");
}

async fn every_answer_has_the_security_headers(installation: Installation) {
    let analyst = installation.person("analyst").await;
    for path in [
        "/health",
        "/livez",
        "/readyz",
        "/api/v1/incidents",
        "/api/v1/nothing",
        "/incidents",
        "/nowhere",
        "/pkg/nothing.js",
        "/sign-in",
    ] {
        let headers = analyst.get(path).await.headers;
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("x-frame-options", "DENY")]
        {
            assert_eq!(headers[name], value, "{path}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
    }
}

async fn hostile_text_is_rendered_as_text(installation: Installation) {
    let hostile = r#"</script><script>alert(1)</script><img src=x onerror=alert(2)>"#;
    let alert =
        json!({ "title": hostile, "raw_log": hostile, "hostname": hostile, "tags": [hostile], "context": { "note": hostile } });
    let receipt = installation.source().post("/api/v1/alerts", &alert).await;
    let id = match receipt.status {
        StatusCode::CREATED => receipt.body["incident_id"].as_str().unwrap().to_owned(),
        _ => {
            let plain = json!({ "title": hostile, "raw_log": hostile, "context": { "note": hostile } });
            let receipt = installation.source().post("/api/v1/alerts", &plain).await.expect(StatusCode::CREATED);
            receipt["incident_id"].as_str().unwrap().to_owned()
        }
    };
    let analyst = installation.person("analyst").await;
    for path in ["/incidents".to_owned(), format!("/incidents/{id}"), "/audit".to_owned()] {
        let answer = analyst.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let page = answer.text().await.unwrap();
        assert_eq!(page.contains("&lt;img src=x onerror"), path != "/audit", "{path} shows the title as text");
        assert!(!page.contains("<script>alert(1)") && !page.contains("<img src=x"), "{path} renders hostile text as markup");
    }
}

async fn the_openapi_document_describes_every_route(installation: Installation) {
    let document: Value = installation.anonymous().get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        "/api/v1/alerts",
        "/alerts/ingest",
        "/api/v1/incidents/{id}/run",
        "/api/v1/approvals/{id}/decide",
        "/api/v1/audit-logs",
        "/api/v1/stream",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}
