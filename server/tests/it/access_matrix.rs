//! Who may call what: every REST route and every server function, as each role, as each key, and as nobody. A route without a row
//! here fails the test.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::installation::{Client, Installation};

/// Who may pass the check of access; everybody else gets 401 or 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anyone,
    /// Only a key that none of these callers has.
    Nobody,
    /// Every signed-in person, and no key.
    Everybody,
    /// Every signed-in person, and a key with `incidents:read`.
    Reader,
    /// Every signed-in person, and a key with `audit:read`.
    AuditReader,
    /// Analysts, and a key with `alerts:write`.
    Submitter,
    Analyst,
    AnalystOrApprover,
    Approver,
    ApproverOrAdmin,
    /// Auditors and admins.
    WholeAudit,
    Admin,
}

use Who::{
    Admin, Analyst, AnalystOrApprover, Anyone, Approver, ApproverOrAdmin, AuditReader, Everybody, Nobody, Reader, Submitter,
    WholeAudit,
};

const REST: &[(&str, &str, Who)] = &[
    ("POST", "/api/v1/alerts", Submitter),
    ("GET", "/api/v1/alerts", Reader),
    ("POST", "/alerts/ingest", Submitter),
    ("POST", "/api/v1/alerts/batch", Submitter),
    ("GET", "/api/v1/alerts/{id}", Reader),
    ("GET", "/api/v1/alerts/{id}/raw", Reader),
    ("GET", "/api/v1/incidents", Reader),
    ("GET", "/api/v1/incidents/{id}", Reader),
    ("PATCH", "/api/v1/incidents/{id}", Analyst),
    ("POST", "/api/v1/incidents/{id}/tasks", Analyst),
    ("PATCH", "/api/v1/tasks/{id}", Analyst),
    ("POST", "/api/v1/incidents/{id}/merge", Analyst),
    ("POST", "/api/v1/incidents/{id}/evidence", Analyst),
    ("GET", "/api/v1/evidence/{id}", Reader),
    ("POST", "/api/v1/incidents/{id}/transition", Analyst),
    ("POST", "/api/v1/incidents/{id}/notes", Analyst),
    ("GET", "/api/v1/incidents/{id}/plan", Reader),
    ("POST", "/api/v1/incidents/{id}/run", Analyst),
    ("GET", "/api/v1/runs", Reader),
    ("GET", "/api/v1/runs/{id}", Reader),
    ("POST", "/api/v1/runs/{id}/cancel", Analyst),
    ("POST", "/api/v1/runs/{id}/steps/{step}/resolve", AnalystOrApprover),
    ("GET", "/api/v1/approvals", Reader),
    ("GET", "/api/v1/approvals/{id}", Reader),
    ("POST", "/api/v1/approvals/{id}/decide", Approver),
    ("GET", "/api/v1/playbooks", Reader),
    ("GET", "/api/v1/playbooks/{id}", Reader),
    ("PUT", "/api/v1/playbooks/{id}", Admin),
    ("POST", "/api/v1/playbooks/validate", Reader),
    ("GET", "/api/v1/playbooks/schema", Reader),
    ("GET", "/api/v1/playbooks/actions", Reader),
    ("GET", "/api/v1/playbooks/{id}/versions", Reader),
    ("GET", "/api/v1/playbooks/{id}/versions/{digest}", Reader),
    ("GET", "/api/v1/playbooks/{id}/compare", Reader),
    ("GET", "/api/v1/audit-logs", AuditReader),
    ("GET", "/api/v1/audit/checkpoint", AuditReader),
    ("GET", "/api/v1/audit/export", WholeAudit),
    ("GET", "/api/v1/audit/proof/inclusion", AuditReader),
    ("GET", "/api/v1/audit/proof/entries", AuditReader),
    ("GET", "/api/v1/audit/proof/file", AuditReader),
    ("GET", "/api/v1/audit/proof/consistency", AuditReader),
    ("GET", "/api/v1/views", Everybody),
    ("POST", "/api/v1/views", Everybody),
    ("PUT", "/api/v1/views/{id}", Everybody),
    ("DELETE", "/api/v1/views/{id}", Everybody),
    ("POST", "/api/v1/session", Anyone),
    ("GET", "/api/v1/session", Everybody),
    ("DELETE", "/api/v1/session", Everybody),
    ("POST", "/api/v1/session/step-up", Everybody),
    ("POST", "/api/v1/session/password", Everybody),
    ("GET", "/api/v1/sessions", Everybody),
    ("DELETE", "/api/v1/sessions", Everybody),
    ("DELETE", "/api/v1/sessions/{id}", Everybody),
    ("GET", "/api/v1/users", Admin),
    ("POST", "/api/v1/users", Admin),
    ("GET", "/api/v1/users/{id}", Admin),
    ("PATCH", "/api/v1/users/{id}", Admin),
    ("POST", "/api/v1/users/{id}/password-link", Admin),
    ("GET", "/api/v1/users/unconfirmed", ApproverOrAdmin),
    ("POST", "/api/v1/users/{id}/confirm", ApproverOrAdmin),
    ("DELETE", "/api/v1/users/{id}/sessions", Admin),
    ("POST", "/api/v1/setup", Anyone),
    ("POST", "/api/v1/password", Anyone),
    ("GET", "/api/v1/api-keys", Admin),
    ("POST", "/api/v1/api-keys", Admin),
    ("GET", "/api/v1/api-keys/{id}", Admin),
    ("PATCH", "/api/v1/api-keys/{id}", Admin),
    ("DELETE", "/api/v1/api-keys/{id}", Admin),
    ("GET", "/api/v1/stream", Everybody),
    ("GET", "/metrics", Nobody),
    ("GET", "/health", Anyone),
    ("GET", "/livez", Anyone),
    ("GET", "/readyz", Anyone),
];

/// Where a wrong password is 401 for those who may ask.
const PASSWORD_PATHS: [&str; 2] = ["/api/v1/session/step-up", "/api/v1/session/password"];

const PEOPLE: [&str; 4] = ["analyst", "approver", "auditor", "admin"];

impl Who {
    fn lets_pass(self, who: &str) -> bool {
        match self {
            Anyone => true,
            Nobody => false,
            Everybody => PEOPLE.contains(&who),
            Reader | AuditReader => PEOPLE.contains(&who) || who == "key reader",
            Submitter => who == "analyst" || who == "key source",
            Analyst => who == "analyst",
            AnalystOrApprover => who == "analyst" || who == "approver",
            Approver => who == "approver",
            ApproverOrAdmin => who == "approver" || who == "admin",
            WholeAudit => who == "auditor" || who == "admin",
            Admin => who == "admin",
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_exactly_those_pass_who_may() {
    let installation = Installation::on_sqlite().await;
    let document = installation.anonymous().get("/api/v1/openapi.json").await.expect(StatusCode::OK);
    assert_eq!(
        routes_of(&document),
        REST.iter().map(|(method, path, _)| format!("{method} {path}")).collect(),
        "every route has a row"
    );
    for &(method, path, who) in REST {
        for caller in ["nobody", "analyst", "approver", "auditor", "admin", "key source", "key reader"] {
            let client = client_of(&installation, caller).await;
            let status = call(&client, method, path).await;
            let passed = status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN;
            let expected = who.lets_pass(caller);
            let failed_sign_in = path == "/api/v1/session" && method == "POST" || PASSWORD_PATHS.contains(&path);
            let passed = passed || (failed_sign_in && expected && status == StatusCode::UNAUTHORIZED);
            assert_eq!(passed, expected, "{method} {path} as {caller}: {status}");
            assert!(!status.is_server_error(), "{method} {path} as {caller}: {status}");
        }
    }
}

async fn client_of<'a>(installation: &'a Installation, caller: &str) -> Client<'a> {
    match caller {
        "nobody" => installation.anonymous(),
        "key source" => installation.source(),
        "key reader" => installation.reader(),
        person => installation.person(person).await,
    }
}

async fn call(client: &Client<'_>, method: &str, path: &str) -> StatusCode {
    let digest = "0".repeat(64);
    let path = match path.ends_with("/compare") {
        true => format!("{path}?from={digest}&to={digest}"),
        false => path.replace("{digest}", &digest),
    };
    let concrete = path.replace("{step}", "block").replace("/playbooks/{id}", "/playbooks/PB-BRUTE-FORCE");
    let concrete = concrete.replace("/views/{id}", "/views/0190c2d4-0000-7000-8000-000000000001");
    let kind = concrete.split('/').nth(3).unwrap_or_default().to_owned();
    let prefix = match kind.as_str() {
        "alerts" => "ALT",
        "runs" => "RUN",
        "approvals" => "APR",
        "tasks" => "TASK",
        "evidence" => "EVD",
        _ => "INC",
    };
    let concrete = match kind.as_str() {
        "users" | "api-keys" => concrete.replace("{id}", "0190c2d4-0000-7000-8000-000000000007"),
        "sessions" => concrete.replace("{id}", &"0".repeat(64)),
        _ => concrete.replace("{id}", &format!("{prefix}-0000000007")),
    };
    let mut request = client.request(method.parse::<Method>().unwrap(), &concrete);
    if ["POST", "PUT", "PATCH"].contains(&method) && !concrete.ends_with("/cancel") && !concrete.ends_with("/password-link") {
        request = request.json(&body_for(&concrete));
    }
    request.send().await.unwrap().status()
}

fn body_for(path: &str) -> Value {
    match path.rsplit('/').next().unwrap_or_default() {
        "transition" => json!({ "to": "closed", "reason": "a reason" }),
        "notes" => json!({ "text": "a note" }),
        "tasks" => json!({ "title": "a task" }),
        "merge" => json!({ "into": "INC-0000000008" }),
        "resolve" => json!({ "outcome": "failed", "reason": "looked at the host itself" }),
        "decide" => json!({ "decision": "approve", "reason": "long enough a reason", "plan_digest": "0".repeat(64) }),
        "session" => json!({ "username": "nobody", "password": "wrong horse battery" }),
        "step-up" => json!({ "password": "wrong horse battery" }),
        "users" => json!({ "username": "Not A Name", "roles": ["analyst"] }),
        "api-keys" => json!({ "name": "Not A Name", "scopes": ["alerts:write"] }),
        "password" => json!({ "old_password": "wrong horse battery", "new_password": "seven purple umbrellas" }),
        _ if path.starts_with("/api/v1/views") => json!({ "name": "Mine" }),
        _ => json!({}),
    }
}

fn routes_of(document: &Value) -> BTreeSet<String> {
    let methods = |(path, item): (&String, &Value)| -> Vec<String> {
        item.as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "parameters")
            .map(|method| format!("{} {path}", method.to_uppercase()))
            .collect()
    };
    document["paths"].as_object().unwrap().iter().flat_map(methods).collect()
}

/// The server functions, who may call each, and arguments that are well-formed.
const SERVER_FUNCTIONS: &[(&str, Who, &str)] = &[
    ("alerts/submit", Submitter, r#"{"document":"{}"}"#),
    ("alerts/list", Reader, r#"{"page":{"limit":5,"cursor":null}}"#),
    ("alerts/inspect", Reader, r#"{"id":"ALT-0000000007"}"#),
    ("api-keys/list", Admin, r#"{"page":{"limit":5,"cursor":null}}"#),
    ("api-keys/create", Admin, r#"{"request":{"name":"Not A Name","scopes":["alerts:write"],"source":null,"expires_at":null}}"#),
    ("api-keys/revoke", Admin, r#"{"id":"0190c2d4-0000-7000-8000-000000000007"}"#),
    ("health/report", Anyone, "{}"),
    ("approvals/list", Reader, r#"{"page":{"limit":5,"cursor":null}}"#),
    ("approvals/list-with-status", Reader, r#"{"status":"pending","page":{"limit":5,"cursor":null}}"#),
    ("approvals/get", Reader, r#"{"id":"APR-0000000007"}"#),
    ("approvals/circumstances", Reader, r#"{"id":"APR-0000000007"}"#),
    (
        "approvals/decide",
        Approver,
        r#"{"id":"APR-0000000007","request":{"decision":"approve","reason":"long enough a reason","plan_digest":"DIGEST"}}"#,
    ),
    ("audit/prove", AuditReader, r#"{"query":{"seqs":[],"kept":null}}"#),
    ("audit/checkpoint", AuditReader, "{}"),
    ("audit/list", AuditReader, r#"{"query":{"filter":{},"order":"desc","page":{"limit":5,"cursor":null}}}"#),
    (
        "incidents/list",
        Reader,
        r#"{"query":{"filter":[["state","closed"],["q","a"]],"sort":"updated_at","order":"asc","page":{"limit":5,"cursor":null}}}"#,
    ),
    ("incidents/assignees", Reader, "{}"),
    ("incidents/get", Reader, r#"{"id":"INC-0000000007"}"#),
    ("incidents/transition", Analyst, r#"{"id":"INC-0000000007","request":{"to":"closed","reason":"a reason"}}"#),
    ("incidents/update", Analyst, r#"{"id":"INC-0000000007","patch":{"title":"a"},"expected":{"OneOf":[1]}}"#),
    ("incidents/add-task", Analyst, r#"{"id":"INC-0000000007","request":{"title":"a task"}}"#),
    ("incidents/update-task", Analyst, r#"{"id":"TASK-0000000007","patch":{"done":true}}"#),
    ("incidents/merge", Analyst, r#"{"id":"INC-0000000007","request":{"into":"INC-0000000008"}}"#),
    ("incidents/add-note", Analyst, r#"{"id":"INC-0000000007","request":{"text":"a note"}}"#),
    ("incidents/plan", Reader, r#"{"id":"INC-0000000007","playbook_id":null}"#),
    ("overview/counts", Reader, "{}"),
    ("playbooks/list", Reader, "{}"),
    ("playbooks/refused", Reader, "{}"),
    ("playbooks/get", Reader, r#"{"id":"PB-PHISHING"}"#),
    ("playbooks/version", Reader, r#"{"id":"PB-PHISHING","digest":"DIGEST"}"#),
    ("playbooks/compare", Reader, r#"{"id":"PB-PHISHING","from":"DIGEST","to":"DIGEST"}"#),
    ("playbooks/validate", Reader, r#"{"source":"id: 1"}"#),
    ("playbooks/upload", Admin, r#"{"id":"PB-PHISHING","source":"id: 1"}"#),
    ("runs/request", Analyst, r#"{"incident_id":"INC-0000000007","request":{}}"#),
    ("runs/list", Reader, r#"{"page":{"limit":5,"cursor":null}}"#),
    ("runs/list-of-playbook", Reader, r#"{"id":"PB-BRUTE-FORCE","page":{"limit":5,"cursor":null}}"#),
    ("runs/get", Reader, r#"{"id":"RUN-0000000007"}"#),
    ("runs/get-plan", Reader, r#"{"id":"RUN-0000000007"}"#),
    ("runs/cancel", Analyst, r#"{"id":"RUN-0000000007"}"#),
    (
        "runs/resolve-step",
        AnalystOrApprover,
        r#"{"id":"RUN-0000000007","step":"block","request":{"outcome":"failed","reason":"looked at the host"}}"#,
    ),
    ("saved-views/list", Everybody, "{}"),
    ("saved-views/create", Everybody, r#"{"request":{"name":"Mine"}}"#),
    ("saved-views/replace", Everybody, r#"{"id":"0190c2d4-0000-7000-8000-000000000001","request":{"name":"Mine"}}"#),
    ("saved-views/remove", Everybody, r#"{"id":"0190c2d4-0000-7000-8000-000000000001"}"#),
    ("session/current", Everybody, "{}"),
    ("session/sign-in-again", Anyone, r#"{"username":"nobody","password":"wrong horse battery"}"#),
    ("session/change-password", Everybody, r#"{"old_password":"wrong horse battery","new_password":"seven purple umbrellas"}"#),
    ("sessions/list", Everybody, r#"{"owner":"me","page":{"limit":5,"cursor":null}}"#),
    ("sessions/end", Everybody, r#"{"id":"DIGEST"}"#),
    ("sessions/end-others", Everybody, "{}"),
    ("sessions/end-of-user", Admin, r#"{"id":"0190c2d4-0000-7000-8000-000000000007"}"#),
    ("users/list", Admin, r#"{"page":{"limit":5,"cursor":null}}"#),
    ("users/create", Admin, r#"{"request":{"username":"Not A Name","display_name":null,"roles":["analyst"],"password":null}}"#),
    ("users/change", Admin, r#"{"id":"0190c2d4-0000-7000-8000-000000000007","change":{}}"#),
    ("users/make-password-link", Admin, r#"{"id":"0190c2d4-0000-7000-8000-000000000007"}"#),
    ("users/list-unconfirmed", ApproverOrAdmin, "{}"),
    ("users/confirm", ApproverOrAdmin, r#"{"id":"0190c2d4-0000-7000-8000-000000000007"}"#),
    (
        "users/set-up",
        Anyone,
        r#"{"request":{"token":"guessed","username":"eve","display_name":null,"password":"seven purple umbrellas"}}"#,
    ),
    ("users/set-password-by-link", Anyone, r#"{"request":{"token":"guessed","password":"seven purple umbrellas"}}"#),
    ("session/step-up", Everybody, r#"{"password":"wrong horse battery"}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_lets_exactly_those_pass_who_may() {
    let installation = Installation::on_sqlite().await;
    let listed: BTreeSet<String> = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(
        listed,
        SERVER_FUNCTIONS.iter().map(|(name, _, _)| format!("/rpc/{name}")).collect(),
        "every server function has a row"
    );
    for &(name, who, arguments) in SERVER_FUNCTIONS {
        for caller in ["nobody", "analyst", "approver", "auditor", "admin", "key source", "key reader"] {
            let client = client_of(&installation, caller).await;
            let body: Value = serde_json::from_str(&arguments.replace("DIGEST", &"0".repeat(64))).unwrap();
            let answer = client.post(&format!("/rpc/{name}"), &body).await;
            let wrong_password = answer.body["code"] == "sign-in-failed";
            let passed = wrong_password || ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
            assert_eq!(passed, who.lets_pass(caller), "{name} as {caller}: {answer:?}");
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name} as {caller}: {answer:?}");
        }
    }
}
