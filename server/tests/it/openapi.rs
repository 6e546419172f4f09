//! The OpenAPI document as a promise: what every operation says of its parameters and its refusals, and that every example holds.
//! That nothing else is answered is for a property-based tester to show (`cargo xtask fuzz-api`).

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::Value;

use crate::installation::Installation;

/// Operations for everybody.
const PUBLIC: [&str; 6] = ["/health", "/livez", "/readyz", "/api/v1/session", "/api/v1/setup", "/api/v1/password"];
/// Whoever watches over the server is never told to wait.
const NEVER_LIMITED: [&str; 3] = ["/health", "/livez", "/readyz"];
/// What may be in the way, by wire.md's codes; where else 409 stands it is about the idempotency key.
const CONFLICTS: [(&str, &str, &[&str]); 9] = [
    ("post", "/api/v1/incidents/{id}/transition", &["illegal-transition", "run-active"]),
    ("post", "/api/v1/incidents/{id}/merge", &["illegal-transition", "run-active"]),
    ("get", "/api/v1/incidents/{id}/plan", &["no-playbook"]),
    ("post", "/api/v1/incidents/{id}/run", &["run-active", "no-playbook", "plan-changed"]),
    ("post", "/api/v1/incidents/{id}/tasks", &["illegal-transition"]),
    ("patch", "/api/v1/tasks/{id}", &["illegal-transition"]),
    ("post", "/api/v1/runs/{id}/cancel", &["not-pending"]),
    ("post", "/api/v1/runs/{id}/steps/{step}/resolve", &["not-pending"]),
    ("post", "/api/v1/approvals/{id}/decide", &["separation-of-duties", "not-pending", "already-voted", "plan-changed"]),
];

async fn document() -> Value {
    Installation::on_sqlite().await.anonymous().get("/api/v1/openapi.json").await.expect(StatusCode::OK)
}

/// Method, path and operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
        .collect()
}

/// The schema that this one stands for.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            resolved(document, found.unwrap_or_else(|| panic!("{reference} is not there")))
        }
        None => schema,
    }
}

fn parameters(operation: &Value) -> Vec<&Value> {
    operation["parameters"].as_array().map(|parameters| parameters.iter().collect()).unwrap_or_default()
}

fn is_public(method: &str, path: &str) -> bool {
    PUBLIC.contains(&path) && !(path == "/api/v1/session" && method != "post")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_in_a_path_has_a_form_and_every_reference_a_schema() {
    let document = document().await;
    for (method, path, operation) in operations(&document) {
        let named: BTreeSet<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let described = parameters(operation).into_iter().filter(|parameter| parameter["in"] == "path");
        let mut names = BTreeSet::new();
        for parameter in described {
            let schema = resolved(&document, &parameter["schema"]);
            assert!(schema["pattern"].is_string() || schema["format"].is_string(), "{method} {path}: {parameter}");
            assert_eq!(parameter["required"], true, "{method} {path}: {parameter}");
            names.insert(parameter["name"].as_str().unwrap());
        }
        assert_eq!(names, named, "{method} {path}");
    }
    let names: BTreeSet<&str> =
        operations(&document).iter().map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations(&document).len(), "every operation has a name of its own");
    let text = document.to_string();
    assert!(!text.contains("\":null"), "nothing of it is null");
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_how_it_refuses() {
    let document = document().await;
    for (method, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        let has_body = operation["requestBody"].is_object();
        let of_kind = |kind: &str, name: &str| {
            parameters(operation)
                .iter()
                .any(|parameter| parameter["in"] == kind && (name.is_empty() || parameter["name"] == name))
        };
        let (names_something, takes_key) = (of_kind("path", ""), of_kind("header", "Idempotency-Key"));
        let conflicts = CONFLICTS.iter().any(|(of, at, _)| (*of, *at) == (method, path));
        let needs_caller = !is_public(method, path);
        for (status, expected) in [
            ("400", has_body || takes_key),
            ("401", needs_caller || path == "/api/v1/session"),
            ("403", needs_caller || method != "get"),
            ("404", names_something),
            ("409", takes_key || conflicts),
            ("412", of_kind("header", "If-Match")),
            ("413", has_body || takes_key),
            ("414", true),
            ("415", has_body),
            ("422", true),
            ("429", !NEVER_LIMITED.contains(&path)),
            ("431", true),
            ("503", true),
        ] {
            let response = &responses.get(status);
            assert_eq!(response.is_some(), expected, "{method} {path}: {status}");
            let Some(response) = response else { continue };
            assert!(!response["description"].as_str().unwrap().is_empty(), "{method} {path}: {status}");
            if ["414", "431"].contains(&status) {
                // Refused before there is a request.
                continue;
            }
            let content = &response["content"]["application/problem+json"];
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/ProblemBody", "{method} {path}: {status}");
        }
        for status in responses.keys() {
            assert!(status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()), "{method} {path}: {status} says nothing");
        }
        let public = operation["security"].as_array().unwrap().iter().any(|one| one.as_object().unwrap().is_empty());
        assert_eq!(public, !needs_caller, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_are_told_by_their_codes() {
    let document = document().await;
    for (method, path, codes) in CONFLICTS {
        let description = document["paths"][path][method]["responses"]["409"]["description"].as_str().unwrap();
        for code in codes {
            assert!(description.contains(code), "{method} {path}: {description}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_limit_of_a_text_is_in_its_schema() {
    let document = document().await;
    let schema =
        |name: &str, member: &str| resolved(&document, &document["components"]["schemas"][name]["properties"][member]).clone();
    for (name, member, longest) in [
        ("NoteRequest", "text", 16_384),
        ("TaskRequest", "title", 512),
        ("IncidentPatch", "title", 512),
        ("IncidentPatch", "analyst_notes", 65_536),
        ("IncidentPatch", "verdict_reason", 4_096),
        ("DecisionRequest", "reason", 4_096),
        ("ResolveRequest", "reason", 4_096),
        ("SavedViewRequest", "name", 64),
        ("SavedViewRequest", "query", 2_048),
        ("NewUserRequest", "password", 256),
    ] {
        assert_eq!(schema(name, member)["maxLength"], longest, "{name}.{member}");
    }
    for (name, member) in [
        ("MergeRequest", "into"),
        ("DecisionRequest", "plan_digest"),
        ("NewUserRequest", "username"),
        ("NewApiKeyRequest", "name"),
    ] {
        assert!(schema(name, member)["pattern"].is_string(), "{name}.{member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_spelled_as_they_are_sent() {
    let document = document().await;
    for (name, expected) in [
        ("State", &["new", "classified", "awaiting_approval", "in_progress", "contained", "resolved", "closed"][..]),
        ("Verdict", &["unknown", "benign", "suspicious", "malicious"]),
        ("Role", &["analyst", "approver", "auditor", "admin"]),
        ("ListFormat", &["json", "csv", "ndjson"]),
        ("RunMode", &["live", "dry_run"]),
        ("Severity", &["S1", "S2", "S3", "S4", "S5"]),
        ("HealthStatus", &["ok", "degraded", "down"]),
    ] {
        assert_eq!(document["components"]["schemas"][name]["enum"], serde_json::json!(expected), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_what_it_is_an_example_of() {
    let document = document().await;
    let mut checked = 0;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            let text = example.as_str().unwrap();
            let parsed = match name.as_str() {
                "IncidentId" => text.parse::<domain::id::IncidentId>().is_ok(),
                "AlertId" => text.parse::<domain::id::AlertId>().is_ok(),
                "RunId" => text.parse::<domain::id::RunId>().is_ok(),
                "ApprovalId" => text.parse::<domain::id::ApprovalId>().is_ok(),
                "NoteId" => text.parse::<domain::id::NoteId>().is_ok(),
                "TaskId" => text.parse::<domain::id::TaskId>().is_ok(),
                "EvidenceId" => text.parse::<domain::id::EvidenceId>().is_ok(),
                "UserId" | "ApiKeyId" | "ViewId" | "EntryId" => text.parse::<domain::id::UserId>().is_ok(),
                "PlaybookId" => text.parse::<domain::id::PlaybookId>().is_ok(),
                "IncidentType" => text.parse::<domain::id::IncidentType>().is_ok(),
                "StepId" => text.parse::<domain::id::StepId>().is_ok(),
                "Source" => text.parse::<domain::id::Source>().is_ok(),
                "Digest" => text.parse::<domain::digest::Digest>().is_ok(),
                "Timestamp" => text.parse::<domain::timestamp::Timestamp>().is_ok_and(|time| time.to_string() == text),
                other => panic!("{other} has an example that nobody checks: {text}"),
            };
            assert!(parsed, "{name}: {text}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
    let alert = &document["components"]["schemas"]["AlertIn"]["example"];
    let installation = Installation::on_sqlite().await;
    installation.source().post("/api/v1/alerts", alert).await.expect(StatusCode::CREATED);
}
