//! A database whose guards were taken away is not served: a server that runs is not ready any more, another one does not start, and whoever verifies the
//! log is told.

use reqwest::StatusCode;
use serde_json::Value;
use server::commands::serve::Running;
use server::config::{DataConfig, ServerConfig};

use crate::audit_verification::audit_of;
use crate::installation::Installation;
use crate::on_both_databases;

on_both_databases!(
    a_guard_taken_away_is_named_and_nothing_is_served,
    a_guard_that_lets_everything_through_is_named,
    what_is_more_is_named_and_served,
    an_older_server_goes_on_beside_a_newer_version,
);

/// Times that the server is asked until it has looked again.
const ASKED_MAX: usize = 100;

fn is_postgres(installation: &Installation) -> bool {
    installation.database_url.starts_with("postgres")
}

/// What the server says of its database, once that is what is expected.
async fn said_of_database(installation: &Installation, path: &str, expected: StatusCode) -> String {
    for _ in 0..ASKED_MAX {
        let answer = installation.anonymous().request(reqwest::Method::GET, path).send().await.unwrap();
        let status = answer.status();
        let report: Value = answer.json().await.unwrap();
        if status == expected {
            return report["checks"]["database"]["detail"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path} is not {expected}");
}

/// Why no server starts on this database; nothing if one does.
async fn refused(installation: &Installation) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let database_url = Some(installation.database_url.clone());
    let data = DataConfig { data_dir: folder.path().to_owned(), database_url, owner_url: None };
    let config = ServerConfig { listen: ([127, 0, 0, 1], 0).into(), ..ServerConfig::default() };
    match Running::start(&data, &config).await {
        Ok(running) => running.stop().await.map(|()| None).unwrap(),
        Err(error) => Some(format!("{error:#}")),
    }
}

/// Each of these is said of the guard, wherever one asks.
async fn expect_not_served(installation: &Installation, fault: &str) {
    for path in ["/readyz", "/health"] {
        let said = said_of_database(installation, path, StatusCode::SERVICE_UNAVAILABLE).await;
        assert!(said.contains(fault), "{said}");
    }
    let verified = audit_of(installation, &["verify-database"]);
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.code() == Some(1) && said.contains(fault), "{said}");
    let said = refused(installation).await.unwrap_or_default();
    assert!(said.contains(fault), "{said}");
}

async fn expect_served(installation: &Installation) -> String {
    // A head, without which the log cannot be verified.
    installation.person("auditor").await.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
    let verified = audit_of(installation, &["verify-database"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(refused(installation).await, None);
    said_of_database(installation, "/health", StatusCode::OK).await;
    said_of_database(installation, "/readyz", StatusCode::OK).await
}

async fn a_guard_taken_away_is_named_and_nothing_is_served(installation: Installation) {
    assert_eq!(expect_served(&installation).await, "answers and takes writes");
    let (takes, gives) = if is_postgres(&installation) {
        (
            "DROP TRIGGER approval_votes_update ON approval_votes",
            "CREATE TRIGGER approval_votes_update BEFORE UPDATE ON approval_votes FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        )
    } else {
        (
            "DROP TRIGGER approval_votes_update",
            "CREATE TRIGGER approval_votes_update BEFORE UPDATE ON approval_votes BEGIN
             SELECT RAISE(ABORT, 'UPDATE of approval_votes is refused'); END",
        )
    };
    installation.sql(takes).await;
    expect_not_served(&installation, "the trigger approval_votes_update on approval_votes is missing").await;
    installation.sql(gives).await;
    said_of_database(&installation, "/readyz", StatusCode::OK).await;
    assert_eq!(expect_served(&installation).await, "answers and takes writes");
}

async fn a_guard_that_lets_everything_through_is_named(installation: Installation) {
    let fault = if is_postgres(&installation) {
        installation
            .sql("CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$")
            .await;
        "the function refuse_change() is not as this version makes it"
    } else {
        installation
            .sql(
                "DROP TRIGGER audit_entries_update;
                 CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries BEGIN SELECT 1; END",
            )
            .await;
        "the trigger audit_entries_update on audit_entries is not as this version makes it"
    };
    expect_not_served(&installation, fault).await;
}

async fn what_is_more_is_named_and_served(installation: Installation) {
    installation.sql("CREATE TABLE mine (id BIGINT PRIMARY KEY)").await;
    let mut said = String::new();
    for _ in 0..ASKED_MAX {
        said = expect_served(&installation).await;
        if said.contains("an additional table mine") {
            break;
        }
    }
    assert!(said.contains("an additional table mine"), "{said}");
    let verified = audit_of(&installation, &["verify-database"]);
    assert!(String::from_utf8_lossy(&verified.stdout).contains("an additional table mine"));
}

async fn an_older_server_goes_on_beside_a_newer_version(installation: Installation) {
    installation.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_tomorrow', 0)").await;
    let (alters, takes, fault) = if is_postgres(&installation) {
        (
            "CREATE OR REPLACE TRIGGER notes_update BEFORE UPDATE ON notes FOR EACH ROW WHEN (OLD.id > 0) EXECUTE FUNCTION refuse_change();
             CREATE TRIGGER notes_later BEFORE INSERT ON notes FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()",
            "ALTER TABLE audit_detail DISABLE TRIGGER audit_detail_delete",
            "the trigger audit_detail_delete on audit_detail is disabled",
        )
    } else {
        (
            "DROP TRIGGER audit_entries_update; CREATE TRIGGER audit_entries_update BEFORE UPDATE ON audit_entries BEGIN SELECT 1; END;
             CREATE TRIGGER notes_later AFTER INSERT ON notes BEGIN SELECT 1; END",
            "DROP TRIGGER audit_detail_delete",
            "the trigger audit_detail_delete on audit_detail is missing",
        )
    };
    installation.sql(alters).await;
    expect_served(&installation).await;
    installation.sql(takes).await;
    expect_not_served(&installation, fault).await;
}
