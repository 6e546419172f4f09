//! Details of the log that are gone, put back or moved by whoever owns the database: both verifications name them, of the database and of an export.

use api::Caller;
use audit_verify::verify_export;
use domain::access::{Actor, Role, SignedIn};
use domain::timestamp::Timestamp;
use domain::user::UserRef;
use futures::StreamExt as _;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use server::commands::verifying::verify_database;

use crate::audit_verification::{Kept, audit_of};
use crate::installation::{Client, Installation};
use crate::main_job::incident;
use crate::on_both_databases;

on_both_databases!(
    details_that_are_not_as_they_were_are_named,
    every_detail_taken_away_is_named_by_the_first,
    an_export_breaks_off_when_a_detail_is_erased_meanwhile
);

/// An entry: its `seq` and id.
struct Entry {
    seq: i64,
    id: String,
}

/// Three entries with a detail, the first of which was erased, and one without.
struct Entries {
    erased: Entry,
    one: Entry,
    other: Entry,
    bare: Entry,
}

async fn newest(auditor: &Client<'_>, action: &str) -> Entry {
    let log = auditor.get(&format!("/api/v1/audit-logs?action={action}&limit=1")).await.expect(StatusCode::OK);
    let entry = &log["items"][0];
    Entry { seq: entry["seq"].as_i64().unwrap(), id: entry["id"].as_str().unwrap().to_owned() }
}

async fn export(auditor: &Client<'_>) -> String {
    auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap()
}

/// The log of an incident that was moved three times, with the details as they were beside it, and one of them erased.
async fn entries(installation: &Installation, auditor: &Client<'_>) -> Entries {
    let id = incident(installation).await;
    let analyst = installation.person("analyst").await;
    let bare = newest(auditor, "PLAYBOOK_LOADED").await;
    let mut moved = Vec::new();
    for to in ["in_progress", "contained", "resolved"] {
        let body = serde_json::json!({ "to": to, "reason": format!("on to {to}, as was agreed") });
        analyst.post(&format!("/api/v1/incidents/{id}/transition"), &body).await.expect(StatusCode::OK);
        moved.push(newest(auditor, "STATE_CHANGED").await);
    }
    installation.sql("CREATE TABLE details_before AS SELECT * FROM audit_detail").await;
    let other = moved.pop().unwrap();
    let one = moved.pop().unwrap();
    let erased = moved.pop().unwrap();
    let redacted = audit_of(installation, &["redact", &erased.seq.to_string(), "--reason", "asked for by the person"]);
    assert!(redacted.status.success(), "{}", String::from_utf8_lossy(&redacted.stderr));
    Entries { erased, one, other, bare }
}

/// Whoever owns the database takes the guards away.
async fn take_guards_away(installation: &Installation) {
    let statements = if installation.database_url.starts_with("postgres") {
        "ALTER TABLE audit_detail DISABLE TRIGGER USER; ALTER TABLE audit_erasures DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER audit_detail_delete; DROP TRIGGER audit_detail_update; DROP TRIGGER audit_erasures_delete"
    };
    installation.sql(statements).await;
}

/// A change of rows, and what is said of it.
type Change = (String, String);

fn row(of: &Entry, from: &Entry) -> String {
    format!("INSERT INTO audit_detail SELECT '{}', salt, detail FROM details_before WHERE entry_id = '{}'", of.id, from.id)
}

fn delete(of: &Entry) -> String {
    format!("DELETE FROM audit_detail WHERE entry_id = '{}'", of.id)
}

fn gone(entry: &Entry) -> String {
    format!("the detail of entry {} is missing, and no entry says that it was erased", entry.seq)
}

/// What an export shows too.
fn shown(Entries { erased, one, other, bare }: &Entries) -> Vec<Change> {
    let not_its_own = |entry: &Entry| format!("the detail of entry {} is not the one that was written", entry.seq);
    vec![
        (delete(one), gone(one)),
        (row(erased, erased), format!("the detail of entry {} is there, and entry ", erased.seq)),
        (row(bare, one), not_its_own(bare)),
        (format!("{}; {}; {}; {}", delete(one), delete(other), row(one, other), row(other, one)), not_its_own(one)),
        (row(erased, one), not_its_own(erased)),
        // As the server's own role could do it: it is kept that the detail was erased, and the detail is gone.
        (format!("INSERT INTO audit_erasures VALUES ('{}', 0); {}", one.id, delete(one)), gone(one)),
    ]
}

/// What only the database has.
fn hidden(Entries { erased, one, .. }: &Entries) -> Vec<Change> {
    let nobody = "0190c2d4-0000-7000-8000-00000000ffff";
    vec![
        (
            format!("INSERT INTO audit_detail VALUES ('{nobody}', '{}', '{{}}')", "a".repeat(32)),
            format!("a detail is kept of an entry with the id {nobody}, which the log has not"),
        ),
        (
            format!("INSERT INTO audit_erasures VALUES ('{}', 0)", one.id),
            format!("it is kept that the detail of the entry with the id {} was erased, and no entry says so", one.id),
        ),
        (
            format!("DELETE FROM audit_erasures WHERE entry_id = '{}'", erased.id),
            format!("an entry says that the detail of entry {} was erased, and nothing else is kept of that", erased.seq),
        ),
        (
            "UPDATE audit_detail SET salt = upper(salt) WHERE salt <> upper(salt)".to_owned(),
            "is not the one that was written".to_owned(),
        ),
    ]
}

/// Keeps the rows aside, or puts them back.
const KEEP: &str =
    "CREATE TABLE kept_detail AS SELECT * FROM audit_detail; CREATE TABLE kept_erasures AS SELECT * FROM audit_erasures";
const PUT_BACK: &str = "DELETE FROM audit_detail; INSERT INTO audit_detail SELECT * FROM kept_detail; DROP TABLE kept_detail;
    DELETE FROM audit_erasures; INSERT INTO audit_erasures SELECT * FROM kept_erasures; DROP TABLE kept_erasures";

async fn details_that_are_not_as_they_were_are_named(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let entries = entries(&installation, &auditor).await;
    let kept = Kept::from(&auditor).await;
    let (database, trust) = (&installation.database_url, kept.trust());
    assert_eq!(verify_database(database, &trust).await.unwrap().erased, 1);
    assert_eq!(verify_export(export(&auditor).await.as_bytes(), &trust).unwrap().erased, 1);
    take_guards_away(&installation).await;
    let shown = shown(&entries).into_iter().map(|change| (change, true));
    let all = shown.chain(hidden(&entries).into_iter().map(|change| (change, false)));
    for ((change, expected), is_shown) in all {
        installation.sql(KEEP).await;
        installation.sql(&change).await;
        let found = verify_database(database, &trust).await.unwrap_err().to_string();
        assert!(found.contains(&expected), "{change}: {found}");
        if is_shown {
            let found = verify_export(export(&auditor).await.as_bytes(), &trust).unwrap_err().to_string();
            assert!(found.contains(&expected), "{change}: {found}");
        }
        installation.sql(PUT_BACK).await;
        verify_database(database, &trust).await.unwrap();
    }
}

async fn every_detail_taken_away_is_named_by_the_first(installation: Installation) {
    let auditor = installation.person("auditor").await;
    entries(&installation, &auditor).await;
    let kept = Kept::from(&auditor).await;
    take_guards_away(&installation).await;
    let lines = export(&auditor).await;
    let lines = lines.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let first = lines.filter(|line| line["detail"].is_object()).map(|line| line["leaf"]["seq"].as_i64().unwrap()).next().unwrap();
    installation.sql(KEEP).await;
    installation.sql("DELETE FROM audit_detail").await;
    let expected = format!("the detail of entry {first} is missing, and no entry says that it was erased");
    for found in [
        verify_database(&installation.database_url, &kept.trust()).await.unwrap_err().to_string(),
        verify_export(export(&auditor).await.as_bytes(), &kept.trust()).unwrap_err().to_string(),
    ] {
        assert!(found.contains(&expected), "{found}");
    }
    let backup = installation.running.store.verify_log().await.unwrap().faults;
    assert_eq!(backup.first().map(ToString::to_string), Some(expected));
    installation.sql(PUT_BACK).await;
}

async fn an_export_breaks_off_when_a_detail_is_erased_meanwhile(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let Entries { one, .. } = entries(&installation, &auditor).await;
    let kept = Kept::from(&auditor).await;
    let user = UserRef {
        id: installation.running.store.users().find_by_username("auditor").await.unwrap().unwrap().user.id,
        username: "auditor".to_owned(),
    };
    let actor = Actor::User(SignedIn { user, roles: vec![Role::Auditor], authenticated_at: Timestamp::from_unix_ms(0) });
    let caller = Caller { actor, correlation_id: "test".parse().unwrap(), network: String::new(), claim: None };
    let mut lines = installation.running.services.backend().audit.export(&caller).await.unwrap();
    let mut text = lines.next().await.unwrap().unwrap();
    let redacted = audit_of(&installation, &["redact", &one.seq.to_string(), "--reason", "asked for by the person"]);
    assert!(redacted.status.success());
    let mut broken = None;
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) => text += &line,
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    assert!(broken.is_some() && !text.contains("\"checkpoint\""), "whoever reads it sees that it is not whole");
    assert_eq!(verify_export(export(&auditor).await.as_bytes(), &kept.trust()).unwrap().erased, 2);
}
