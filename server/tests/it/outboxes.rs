//! Messages of two servers on one PostgreSQL, each with an outbox of its own, of which one dies: each message goes out once, from one
//! of them, and none is lost. And of one server that dies and is started again.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::crash_safety::{Demo, json_of};
use crate::installation::new_postgres_database;

const TELL: &str = "id: PB-TELL
name: Tell
incident_type: tell
auto_run: \"true\"
priority: 9
actions:
  - { id: tell, action: notify, with: { channel: soc, message: \"Look at it\" } }
";

/// How often the victim is killed under load, and runs that must have been asked for each time.
const KILLS: usize = 4;
const RUNS_EACH: usize = 30;

/// Runs a story of processes that talk over blocking connections, where there is a PostgreSQL.
async fn on_postgres(story: impl FnOnce(&str) + Send + 'static) {
    if let Some(url) = new_postgres_database().await {
        tokio::task::spawn_blocking(move || story(&url)).await.unwrap();
    }
}

/// A data directory with the playbook that tells.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("playbooks")).unwrap();
    std::fs::write(folder.path().join("playbooks/tell.yaml"), TELL).unwrap();
    folder
}

fn post(demo: &Demo, alert: &Value) -> Option<Value> {
    let http = reqwest::blocking::Client::new();
    let answer = http.post(format!("{}/api/v1/alerts", demo.url)).bearer_auth(demo.key()).json(alert).send().ok()?;
    answer.status().is_success().then(|| answer.json().ok()).flatten()
}

fn tell(host: &str) -> Value {
    json!({ "incident_type": "tell", "severity": "low", "hostname": host })
}

/// What was written into these outboxes, by name, with how many of them have it; and what is unfinished.
fn messages_in(folders: &[&Path]) -> (BTreeMap<String, usize>, usize) {
    let (mut messages, mut unfinished) = (BTreeMap::new(), 0);
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder.join("outbox")) else { continue };
        for name in entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
            if name.ends_with(".json") {
                *messages.entry(name).or_default() += 1;
            } else if name.ends_with(".part") {
                unfinished += 1;
            }
        }
    }
    (messages, unfinished)
}

/// A connection that knows nothing of the store.
fn sql(url: &str, statement: &str) {
    tokio::runtime::Handle::current().block_on(async {
        let plain = Database::connect(url).await.unwrap();
        plain.execute_unprepared(statement).await.unwrap();
        plain.close().await.unwrap();
    });
}

fn count(url: &str, query: &str) -> i64 {
    tokio::runtime::Handle::current().block_on(async {
        let plain = Database::connect(url).await.unwrap();
        let row = plain.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await.unwrap().unwrap();
        plain.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    })
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("never: {what}");
}

/// What died holds no job any more: as if its lease had ended.
fn end_leases(url: &str) {
    sql(url, "UPDATE jobs SET run_after = 0 WHERE claimed_by IS NOT NULL");
}

fn run_status(demo: &Demo) -> Value {
    let runs = json_of(&demo.person("analyst"), &format!("{}/api/v1/runs", demo.url));
    runs["items"][0]["status"].clone()
}

/// A server that died at this point of sending the message of a run.
fn died_at(point: &str, url: &str, folder: &Path) {
    let mut victim = Demo::start_on(Some(url), folder, Some(point));
    post(&victim, &tell("ws-1")).unwrap();
    assert!(!victim.process.wait().unwrap().success(), "it died at {point}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_server_died_goes_out_from_its_own_outbox_only() {
    for point in ["message_claimed", "message_written", "connector_called"] {
        on_postgres(move |url| {
            let (own, other) = (folder(), folder());
            died_at(point, url, own.path());
            let survivor = Demo::start_on(Some(url), other.path(), None);
            end_leases(url);
            wait_until("the survivor has looked at the run", || {
                count(url, "SELECT count(*) FROM jobs WHERE kind = 'advance_run' AND attempts < 2") == 0
            });
            assert_eq!(messages_in(&[other.path()]).0, BTreeMap::new(), "{point}: it is not written a second time");
            let back = survivor.replica(url, own.path());
            wait_until("the run has ended", || run_status(&survivor) == "succeeded");
            let sent = BTreeMap::from([("RUN-0000000001.tell.json".to_owned(), 1)]);
            assert_eq!(messages_in(&[own.path(), other.path()]), (sent.clone(), 0), "{point}");
            assert_eq!(messages_in(&[own.path()]).0, sent, "{point}");
            back.kill();
            survivor.kill();
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_whose_server_stays_away_a_person_says_what_happened() {
    on_postgres(|url| {
        let (own, other) = (folder(), folder());
        died_at("message_claimed", url, own.path());
        let survivor = Demo::start_on(Some(url), other.path(), None);
        // It has been away for longer than it is waited for.
        sql(url, "SET session_replication_role = replica; UPDATE outbox_messages SET claimed_at = claimed_at - 3600000");
        end_leases(url);
        wait_until("the run has paused", || run_status(&survivor) == "paused");
        let analyst = survivor.person("analyst");
        let step = json_of(&analyst, &format!("{}/api/v1/runs/RUN-0000000001", survivor.url))["steps"][0].clone();
        assert_eq!(step["status"], "unknown");
        assert!(step["error"].as_str().unwrap().contains("another server has the message"), "{step}");
        let said = json!({ "outcome": "failed", "reason": "that machine is gone, and nobody has the message" });
        let path = format!("{}/api/v1/runs/RUN-0000000001/steps/tell/resolve", survivor.url);
        assert!(analyst.post(path).json(&said).send().unwrap().status().is_success());
        wait_until("the run has ended", || run_status(&survivor) == "failed");
        // It comes back after all: what a person said did not happen does not happen then.
        let back = survivor.replica(url, own.path());
        post(&back, &tell("ws-2")).unwrap();
        wait_until("the next run has ended", || run_status(&survivor) == "succeeded");
        let (messages, unfinished) = messages_in(&[own.path(), other.path()]);
        assert!(!messages.contains_key("RUN-0000000001.tell.json"), "{messages:?}");
        assert_eq!((messages.get("RUN-0000000002.tell.json"), unfinished), (Some(&1), 0), "{messages:?}");
        back.kill();
        survivor.kill();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_countersign_itself_goes_out_once_too() {
    for point in ["message_claimed", "message_written"] {
        on_postgres(move |url| {
            let (own, other) = (folder(), folder());
            let mut victim = Demo::start_on(Some(url), own.path(), Some(point));
            post(&victim, &json!({ "incident_type": "other", "title": "very odd", "severity": "critical" })).unwrap();
            assert!(!victim.process.wait().unwrap().success(), "it died at {point}");
            let survivor = Demo::start_on(Some(url), other.path(), None);
            end_leases(url);
            wait_until("the survivor has looked at the message", || {
                count(url, "SELECT count(*) FROM jobs WHERE kind = 'send_notification' AND attempts < 2") == 0
            });
            let back = survivor.replica(url, own.path());
            wait_until("it is sent", || count(url, "SELECT count(*) FROM notifications WHERE sent_at IS NULL") == 0);
            let (messages, unfinished) = messages_in(&[own.path(), other.path()]);
            assert_eq!(messages.get("NTF-0000000001.json"), Some(&1), "{point}: {messages:?}");
            assert!(messages.values().all(|times| *times == 1) && unfinished == 0, "{point}: {messages:?}");
            back.kill();
            survivor.kill();
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_killed_under_load_send_each_message_once() {
    on_postgres(|url| {
        let folders = [folder(), folder()];
        let survivor = Demo::start_on(Some(url), folders[0].path(), None);
        for turn in 0..KILLS {
            let victim = survivor.replica(url, folders[1].path());
            let wanted = count(url, "SELECT count(*) FROM runs WHERE status = 'succeeded'") + i64::try_from(RUNS_EACH).unwrap();
            let ended = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for post_number in 0.. {
                        if ended.load(Ordering::Relaxed) {
                            return;
                        }
                        let host = format!("ws-{turn}-{post_number}");
                        drop(post(&survivor, &tell(&host)));
                    }
                });
                wait_until("enough runs have ended", || {
                    count(url, "SELECT count(*) FROM runs WHERE status = 'succeeded'") >= wanted
                });
                Command::new("kill").args(["-9", &victim.process.id().to_string()]).status().unwrap();
                ended.store(true, Ordering::Relaxed);
            });
            victim.kill();
            // Leases of the one that lives end too: it must not do twice what another one of its workers does then.
            end_leases(url);
        }
        let last = survivor.replica(url, folders[1].path());
        wait_until("every run has ended", || count(url, "SELECT count(*) FROM runs WHERE status IN ('queued', 'running')") == 0);
        let (messages, unfinished) = messages_in(&[folders[0].path(), folders[1].path()]);
        assert_eq!(unfinished, 0);
        let twice: Vec<_> = messages.iter().filter(|(_, times)| **times != 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let of_runs = messages.keys().filter(|name| name.starts_with("RUN-")).count();
        assert_eq!(i64::try_from(of_runs).unwrap(), count(url, "SELECT count(*) FROM runs WHERE status = 'succeeded'"));
        assert_eq!(count(url, "SELECT count(*) FROM runs WHERE status NOT IN ('succeeded')"), 0);
        last.kill();
        survivor.kill();
    })
    .await;
}

#[test]
fn a_server_that_dies_while_it_sends_has_sent_once_after_its_restart() {
    for point in ["message_claimed", "message_written"] {
        let folder = folder();
        let mut victim = Demo::start(folder.path(), Some(point));
        post(&victim, &tell("ws-1")).unwrap();
        assert!(!victim.process.wait().unwrap().success(), "it died at {point}");
        std::fs::create_dir_all(folder.path().join("outbox")).unwrap();
        std::fs::write(folder.path().join("outbox/.RUN-0000000001.tell.json.part"), "half of a mess").unwrap();
        let again = Demo::start(folder.path(), None);
        wait_until("the run has ended", || run_status(&again) == "succeeded");
        let sent = BTreeMap::from([("RUN-0000000001.tell.json".to_owned(), 1)]);
        assert_eq!(messages_in(&[folder.path()]), (sent, 0), "{point}");
        again.kill();
    }
}
