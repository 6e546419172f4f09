//! Somebody who owns the database changes what is stored under a digest, for as long as somebody looks at it: nobody is shown anything
//! else than what has the digest, nobody can decide upon it, and the log says so, once.

use domain::digest::Digest;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::installation::{Client, Installation};
use crate::main_job::{brute_force, incident};
use crate::on_both_databases;

on_both_databases!(
    a_plan_that_was_changed_is_shown_to_nobody,
    a_plan_that_was_changed_with_its_digest_is_shown_to_nobody,
    a_plan_that_is_gone_is_no_other_one,
    a_plan_that_was_changed_in_a_kept_answer_is_not_shown_again,
    a_file_that_was_changed_is_not_given_out,
    a_raw_alert_that_was_changed_is_not_given_out,
    a_version_of_a_playbook_that_was_changed_is_neither_shown_nor_in_force,
);

/// What is told in the place of what was changed.
const TOLD: &str = "was changed in the database";

/// Changes rows as the owner of the database can: no guard is asked, and all of them stand again afterwards.
async fn change(installation: &Installation, statements: &[String]) {
    let mut options = ConnectOptions::new(&installation.database_url);
    options.max_connections(1);
    let owner = Database::connect(options).await.unwrap();
    if owner.get_database_backend() == DbBackend::Postgres {
        owner.execute_unprepared("SET session_replication_role = replica").await.unwrap();
        run(&owner, statements).await;
    } else {
        let found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let triggers = owner.query_all_raw(Statement::from_string(DbBackend::Sqlite, found)).await.unwrap();
        let triggers: Vec<(String, String)> =
            triggers.iter().map(|row| (row.try_get("", "name").unwrap(), row.try_get("", "sql").unwrap())).collect();
        let dropped = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};"));
        let made = triggers.iter().map(|(_, sql)| format!("{sql};"));
        owner.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
        let all: Vec<String> = dropped.chain(statements.iter().map(|statement| format!("{statement};"))).chain(made).collect();
        owner.execute_unprepared(&format!("BEGIN IMMEDIATE; {} COMMIT;", all.join("\n"))).await.unwrap();
    }
    owner.close().await.unwrap();
}

async fn run(owner: &DatabaseConnection, statements: &[String]) {
    for statement in statements {
        owner.execute_unprepared(statement).await.unwrap();
    }
}

async fn text_in(installation: &Installation, query: &str) -> String {
    let plain = Database::connect(&installation.database_url).await.unwrap();
    let row = plain.query_one_raw(Statement::from_string(plain.get_database_backend(), query)).await.unwrap().unwrap();
    plain.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

/// What the log says was found, as `(what, kind of target)`.
async fn findings(installation: &Installation) -> Vec<(String, String)> {
    let auditor = installation.person("auditor").await;
    // A head is over everything: then everything has its place.
    auditor.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    let log = auditor.get("/api/v1/audit-logs?action=TAMPERING_FOUND&limit=200").await.expect(StatusCode::OK);
    let entries = log["items"].as_array().unwrap().iter().map(|entry| {
        assert_eq!((&entry["actor"]["kind"], &entry["outcome"]), (&json!("system"), &json!("error")), "{entry}");
        assert!(entry["details"]["digest"].as_str().unwrap().parse::<Digest>().is_ok(), "{entry}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&entry["details"]["what"]), text(&entry["target"]["kind"]))
    });
    let mut entries: Vec<(String, String)> = entries.collect();
    entries.sort();
    entries
}

async fn page(client: &Client<'_>, path: &str) -> String {
    client.request(Method::GET, path).header("accept", "text/html").send().await.unwrap().text().await.unwrap()
}

/// An approval that waits, and its run.
async fn asked(installation: &Installation) -> (Value, String) {
    let id = incident(installation).await;
    let analyst = installation.person("analyst").await;
    let asked = analyst.post(&format!("/api/v1/incidents/{id}/run"), &json!({})).await.expect(StatusCode::ACCEPTED);
    // Everything has its place in the log.
    analyst.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    (asked["approval"].clone(), id)
}

fn vote(approval: &Value) -> Value {
    json!({ "decision": "approve", "reason": "looked at it closely", "plan_digest": approval["plan_digest"] })
}

/// Whoever looks is told that the plan was changed, wherever it would be shown, and nobody can decide.
async fn expect_hidden(installation: &Installation, (approval, incident): (&Value, &str), changed: &str) {
    let approver = installation.person("approver").await;
    let (id, run) = (approval["id"].as_str().unwrap(), approval["run_id"].as_str().unwrap());
    let one = approver.get(&format!("/api/v1/approvals/{id}")).await.expect(StatusCode::OK);
    let list = approver.get("/api/v1/approvals").await.expect(StatusCode::OK)["items"][0].clone();
    let detail = approver.get(&format!("/api/v1/incidents/{incident}")).await.expect(StatusCode::OK)["approvals"][0].clone();
    for seen in [one, list, detail] {
        assert_eq!((&seen["plan"], &seen["plan_tampered"], &seen["can_decide"]), (&Value::Null, &json!(true), &json!(false)));
        assert!(seen["why_not"].as_str().unwrap().contains(TOLD), "{seen}");
    }
    for path in [format!("/approvals/{id}"), format!("/runs/{run}"), format!("/incidents/{incident}"), "/approvals".to_owned()] {
        let html = page(&approver, &path).await;
        assert!(!html.contains(changed), "{path} shows what was changed");
        assert!(path.starts_with("/incidents") || html.contains("was changed"), "{path} says nothing");
        assert!(!html.contains(">Approve<"), "{path}");
    }
    approver.post(&format!("/api/v1/approvals/{id}/decide"), &vote(approval)).await.expect_problem(409, "plan-changed");
}

async fn a_plan_that_was_changed_is_shown_to_nobody(installation: Installation) {
    let (approval, incident) = asked(&installation).await;
    let shown = installation.person("approver").await;
    let before = shown.get(&format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!((&before["plan"]["digest"], &before["plan_tampered"]), (&Value::Null, &json!(false)));
    let body = text_in(&installation, "SELECT body FROM plans").await;
    assert!(body.contains("91.23.11.9"), "{body}");
    change(&installation, &["UPDATE plans SET body = replace(body, '91.23.11.9', '198.51.100.77')".to_owned()]).await;
    expect_hidden(&installation, (&approval, &incident), "198.51.100.77").await;
    expect_hidden(&installation, (&approval, &incident), "198.51.100.77").await;
    let plan_of = |target: &str| ("plan".to_owned(), target.to_owned());
    assert_eq!(findings(&installation).await, [plan_of("approval"), plan_of("run")], "each once");
    // It is put back: what was hidden is shown again, and can be signed.
    change(&installation, &["UPDATE plans SET body = replace(body, '198.51.100.77', '91.23.11.9')".to_owned()]).await;
    let after = shown.get(&format!("/api/v1/approvals/{}", approval["id"].as_str().unwrap())).await.expect(StatusCode::OK);
    assert_eq!((&after["plan"], &after["can_decide"]), (&before["plan"], &json!(true)));
    let path = format!("/api/v1/approvals/{}/decide", approval["id"].as_str().unwrap());
    shown.post(&path, &vote(&approval)).await.expect(StatusCode::OK);
}

async fn a_plan_that_was_changed_with_its_digest_is_shown_to_nobody(installation: Installation) {
    let (approval, incident) = asked(&installation).await;
    let body = text_in(&installation, "SELECT body FROM plans").await.replace("91.23.11.9", "198.51.100.77");
    let (digest, was) = (Digest::of(body.as_bytes()), approval["plan_digest"].as_str().unwrap());
    let everywhere = [
        format!("UPDATE plans SET body = '{}', digest = '{digest}'", body.replace('\'', "''")),
        format!("UPDATE approvals SET plan_digest = '{digest}'"),
        format!("UPDATE runs SET plan_digest = '{digest}', current_plan_digest = '{digest}'"),
    ];
    change(&installation, &everywhere[..1]).await;
    expect_hidden(&installation, (&approval, &incident), "198.51.100.77").await;
    change(&installation, &everywhere[1..]).await;
    let changed = json!({ "id": approval["id"], "run_id": approval["run_id"], "plan_digest": digest.to_string() });
    expect_hidden(&installation, (&changed, &incident), "198.51.100.77").await;
    assert_ne!(was, digest.to_string());
}

async fn a_plan_that_is_gone_is_no_other_one(installation: Installation) {
    let (approval, incident) = asked(&installation).await;
    change(&installation, &["DELETE FROM plans".to_owned()]).await;
    expect_hidden(&installation, (&approval, &incident), "91.23.11.9\"").await;
}

async fn a_plan_that_was_changed_in_a_kept_answer_is_not_shown_again(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    let ask = async || {
        let request = analyst.request(Method::POST, &format!("/api/v1/incidents/{id}/run")).header("idempotency-key", "k");
        analyst.send(request.json(&json!({}))).await
    };
    let first = ask().await.expect(StatusCode::ACCEPTED);
    assert_eq!(ask().await.expect(StatusCode::ACCEPTED), first);
    let (hex, other) = ("91.23.11.9", "10.23.11.9");
    let replaced = match installation.running.store.is_sqlite() {
        true => format!("CAST(replace(CAST(body AS TEXT), '{hex}', '{other}') AS BLOB)"),
        false => format!("convert_to(replace(convert_from(body, 'UTF8'), '{hex}', '{other}'), 'UTF8')"),
    };
    change(&installation, &[format!("UPDATE kept_answers SET body = {replaced}")]).await;
    ask().await.expect_problem(409, "plan-changed");
    assert_eq!(findings(&installation).await, [("plan".to_owned(), "approval".to_owned())]);
}

async fn a_file_that_was_changed_is_not_given_out(installation: Installation) {
    let id = incident(&installation).await;
    let analyst = installation.person("analyst").await;
    // Three pieces, of which the last is changed.
    let bytes = vec![b'a'; 1_200_000];
    let upload = analyst.request(Method::POST, &format!("/api/v1/incidents/{id}/evidence?name=dump.bin"));
    let kept = analyst.send(upload.header("content-type", "application/octet-stream").body(bytes.clone())).await;
    let path = format!("/api/v1/evidence/{}", kept.expect(StatusCode::CREATED)["id"].as_str().unwrap());
    analyst.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    let download = async || analyst.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(download().await.bytes().await.unwrap(), bytes);
    let is_sqlite = installation.running.store.is_sqlite();
    let last = if is_sqlite {
        "CAST(replace(CAST(bytes AS TEXT), 'a', 'b') AS BLOB)"
    } else {
        "convert_to(replace(convert_from(bytes, 'UTF8'), 'a', 'b'), 'UTF8')"
    };
    change(&installation, &[format!("UPDATE evidence_pieces SET bytes = {last} WHERE position = 2")]).await;
    for _ in 0..2 {
        let told = analyst.get(&path).await.expect_problem(500, "internal");
        assert!(told["detail"].as_str().unwrap().contains(TOLD), "{told}");
    }
    let whole = [&bytes[..1_048_576], &vec![b'b'; 1_200_000 - 1_048_576]].concat();
    change(&installation, &[format!("UPDATE evidence SET sha256 = '{}'", Digest::of(&whole))]).await;
    analyst.get(&path).await.expect_problem(500, "internal");
    let found = findings(&installation).await;
    assert_eq!(found, vec![("evidence".to_owned(), "incident".to_owned()); 2], "once under each digest");
}

async fn a_raw_alert_that_was_changed_is_not_given_out(installation: Installation) {
    let posted = installation.source().post("/api/v1/alerts", &brute_force()).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/alerts/{}/raw", posted["id"].as_str().unwrap());
    let analyst = installation.person("analyst").await;
    analyst.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    analyst.get(&path).await.expect(StatusCode::OK);
    let other = br#"{"title":"nothing happened"}"#;
    let literal = |bytes: &[u8]| {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if installation.running.store.is_sqlite() { format!("x'{digits}'") } else { format!("decode('{digits}', 'hex')") }
    };
    change(&installation, &[format!("UPDATE raw_alerts SET bytes = {}", literal(other))]).await;
    let told = analyst.get(&path).await.expect_problem(500, "internal");
    assert!(told["detail"].as_str().unwrap().contains(TOLD), "{told}");
    let html = page(&analyst, &format!("/alerts/{}", posted["id"].as_str().unwrap())).await;
    assert!(!html.contains("nothing happened") && html.contains(TOLD), "the page");
    change(&installation, &[format!("UPDATE raw_alerts SET sha256 = '{}'", Digest::of(other))]).await;
    analyst.get(&path).await.expect_problem(500, "internal");
    assert_eq!(findings(&installation).await, vec![("raw_alert".to_owned(), "alert".to_owned()); 2]);
}

const OWN: &str = "id: PB-OWN # safe to sign
name: Own
incident_type: own
actions:
  - { id: block, action: block_ip, with: { ip: 203.0.113.7 } }
";

async fn put_again(admin: &Client<'_>, text: &str) {
    let request = admin.request(Method::PUT, "/api/v1/playbooks/PB-OWN");
    let again = admin.send(request.header("content-type", "application/yaml").body(text.to_owned())).await;
    assert!(again.status.is_success(), "{again:?}");
}

async fn a_version_of_a_playbook_that_was_changed_is_neither_shown_nor_in_force(installation: Installation) {
    let admin = installation.person("admin").await;
    let put = async |id: &str, text: &str| {
        let request = admin.request(Method::PUT, &format!("/api/v1/playbooks/{id}"));
        admin.send(request.header("content-type", "application/yaml").body(text.to_owned())).await.expect(StatusCode::CREATED)
    };
    let digest = put("PB-OWN", OWN).await["digest"].as_str().unwrap().to_owned();
    let version = format!("/api/v1/playbooks/PB-OWN/versions/{digest}");
    // The same content with other comments is the same version, whose text stays that of the first time.
    put_again(&admin, &OWN.replace("safe to sign", "as before")).await;
    admin.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    assert_eq!(admin.get(&version).await.expect(StatusCode::OK)["source"], OWN);
    let replaced = |column: &str, from: &str, to: &str| {
        format!("UPDATE playbook_versions SET {column} = replace({column}, '{from}', '{to}') WHERE digest = '{digest}'")
    };
    for (column, from, to) in [
        ("document", "203.0.113.7", "198.51.100.77"),
        ("source", "203.0.113.7", "198.51.100.77"),
        ("source", "safe to sign", "audited, sign at once"),
    ] {
        change(&installation, &[replaced(column, from, to)]).await;
        let told = admin.get(&version).await.expect_problem(500, "internal");
        assert!(told["detail"].as_str().unwrap().contains(TOLD), "{told}");
        admin.get(&format!("/api/v1/playbooks/PB-OWN/compare?from={digest}&to={digest}")).await.expect_problem(500, "internal");
        change(&installation, &[replaced(column, to, from)]).await;
        admin.get(&version).await.expect(StatusCode::OK);
    }
    change(&installation, &[replaced("document", "203.0.113.7", "198.51.100.77")]).await;
    let listed = admin.get("/api/v1/playbooks/PB-OWN/versions").await.expect(StatusCode::OK)["items"][0].clone();
    assert_eq!((&listed["tampered"], &listed["name"]), (&json!(true), &json!("")), "{listed}");
    // What is in force is read again when something is uploaded.
    put("PB-OTHER", &OWN.replace("PB-OWN", "PB-OTHER")).await;
    admin.get("/api/v1/playbooks/PB-OWN").await.expect_problem(404, "not-found");
    assert_eq!(findings(&installation).await, [("playbook".to_owned(), "playbook".to_owned())], "once");
}
