//! Two servers on one PostgreSQL, of which one dies: the log has no gap and no fork, and nothing that was answered is missing in it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::crash_safety::{Demo, json_of, post_until_killed};
use crate::installation::new_postgres_database;

/// Alerts that must be acknowledged before the replica is killed.
const ACKNOWLEDGED_MIN: usize = 200;
/// Clients of each replica.
const CLIENTS: usize = 4;
/// How often a replica is killed and started again.
const KILLS: usize = 3;

/// Runs a story of processes that talk over blocking connections, where there is a PostgreSQL.
async fn on_postgres(story: impl FnOnce(&str) + Send + 'static) {
    if let Some(url) = new_postgres_database().await {
        tokio::task::spawn_blocking(move || story(&url)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_committed_is_in_the_log_although_it_died_before_it_was_placed() {
    on_postgres(|url| {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let healthy = Demo::start_on(Some(url), first.path(), None);
        // Its first entry is that of its key: it dies with the entry committed, and without a place in the log.
        let mut command = Demo::serve(url, second.path(), Some("placing_entries"));
        assert!(!command.stdout(Stdio::null()).spawn().unwrap().wait().unwrap().success(), "the replica died");
        let auditor = healthy.person("auditor");
        let log_keys = || {
            let log = json_of(&auditor, &format!("{}/api/v1/audit-logs?action=LOG_KEY_ADDED&limit=200", healthy.url));
            log["items"].as_array().unwrap().len()
        };
        while log_keys() < 2 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let head = json_of(&auditor, &format!("{}/api/v1/audit/checkpoint", healthy.url));
        assert_eq!(head["verifier_keys"].as_array().unwrap().len(), 2, "both keys are on record");
        expect_sound(url);
        // The one that died comes back with the key that it had.
        let again = healthy.replica(url, second.path());
        assert_eq!(log_keys(), 2);
        again.kill();
        healthy.kill();
        expect_sound(url);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_killed_under_load_leave_one_log_without_a_gap() {
    on_postgres(|url| {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let acknowledged = Mutex::new(Vec::new());
        let survivor = Demo::start_on(Some(url), folders[0].path(), None);
        for turn in 0..KILLS {
            let victim = survivor.replica(url, folders[1].path());
            let until = acknowledged.lock().unwrap().len() + ACKNOWLEDGED_MIN;
            let ended = AtomicBool::new(false);
            std::thread::scope(|scope| {
                for client in 0..CLIENTS {
                    let (victim, acknowledged) = (&victim, &acknowledged);
                    scope.spawn(move || post_until_killed(victim, &format!("victim-{turn}-{client}"), acknowledged));
                }
                for client in 0..CLIENTS {
                    let (survivor, acknowledged, ended) = (&survivor, &acknowledged, &ended);
                    scope.spawn(move || {
                        for post in 0.. {
                            if ended.load(Ordering::Relaxed) {
                                return;
                            }
                            let id = format!("survivor-{turn}-{client}-{post}");
                            assert!(survivor.post_malware(&id), "the other one goes on");
                            acknowledged.lock().unwrap().push(id);
                        }
                    });
                }
                while acknowledged.lock().unwrap().len() < until {
                    std::thread::yield_now();
                }
                // SIGKILL, while all are posting.
                Command::new("kill").args(["-9", &victim.process.id().to_string()]).status().unwrap();
                ended.store(true, Ordering::Relaxed);
            });
            victim.kill();
        }
        expect_every_alert_logged_once(&survivor, &acknowledged.into_inner().unwrap());
        survivor.kill();
        expect_sound(url);
    })
    .await;
}

/// Every acknowledged alert has one entry that says it was taken, and no alert has two.
fn expect_every_alert_logged_once(demo: &Demo, acknowledged: &[String]) {
    let auditor = demo.person("auditor");
    json_of(&auditor, &format!("{}/api/v1/audit/checkpoint", demo.url));
    let pages = |path: &str, read: &dyn Fn(&Value) -> String| {
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = json_of(&auditor, &format!("{}{path}{next}", demo.url));
            found.extend(page["items"].as_array().unwrap().iter().map(read));
            cursor = page["next_cursor"].as_str().map(ToOwned::to_owned);
            if cursor.is_none() {
                return found;
            }
        }
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let logged = pages("/api/v1/audit-logs?action=ALERT_INGESTED&limit=200", &|entry| text(&entry["target"]["id"]));
    let distinct: BTreeSet<&String> = logged.iter().collect();
    assert_eq!(distinct.len(), logged.len(), "no alert is logged twice");
    let stored = pages("/api/v1/alerts?limit=200", &|alert| format!("{} {}", text(&alert["alert_id"]), text(&alert["id"])));
    let stored: std::collections::BTreeMap<&str, &str> = stored.iter().filter_map(|pair| pair.split_once(' ')).collect();
    for id in acknowledged {
        let alert = stored.get(id.as_str()).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        assert!(distinct.contains(&(*alert).to_owned()), "{id} is not in the log");
    }
}

/// The log in this database is one that its heads signed, whichever replica signed them.
fn expect_sound(url: &str) {
    let verified = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["audit", "verify-database", "--database-url", url])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}
