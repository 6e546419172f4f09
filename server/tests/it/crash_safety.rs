//! The real binary, killed at named points of a run: after the restart the run ends, and no effect has happened twice.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::installation::{new_postgres_database, outbox};
use crate::main_job::brute_force;

const POINTS: [&str; 3] = ["effect_committed", "connector_called", "before_run_ends"];

/// A demo server as a process of its own.
pub struct Demo {
    pub process: Child,
    pub url: String,
    credentials: Value,
}

impl Demo {
    pub fn start(folder: &Path, crash_point: Option<&str>) -> Self {
        Self::start_on(None, folder, crash_point)
    }

    pub fn start_on(database_url: Option<&str>, folder: &Path, crash_point: Option<&str>) -> Self {
        let file = folder.join("demo-credentials.json");
        let before = std::fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["demo", "--quiet", "--port", "0", "--data-dir"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
        match database_url {
            Some(url) => command.env("DATABASE_URL", url),
            None => command.env_remove("DATABASE_URL"),
        };
        if let Some(point) = crash_point {
            command.env("COUNTERSIGN_CRASH_POINT", point);
        }
        let mut process = command.spawn().unwrap();
        loop {
            let now = std::fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
            if now.is_some() && now != before {
                break;
            }
            assert!(process.try_wait().unwrap().is_none(), "the server ended before it was ready");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let credentials: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let url = credentials["url"].as_str().unwrap().to_owned();
        Self { process, url, credentials }
    }

    /// Another server on the same PostgreSQL, for the same people and keys.
    pub fn replica(&self, database_url: &str, folder: &Path) -> Self {
        let mut command = Self::serve(database_url, folder, None);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(ToOwned::to_owned)).unwrap();
        // What it says later is read by nobody, and must not stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url, credentials: self.credentials.clone() }
    }

    /// How such a replica is started.
    pub fn serve(database_url: &str, folder: &Path, crash_point: Option<&str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder).env("DATABASE_URL", database_url);
        if let Some(point) = crash_point {
            command.env("COUNTERSIGN_CRASH_POINT", point);
        }
        command.stderr(Stdio::null());
        command
    }

    pub fn key(&self) -> &str {
        self.credentials["api_keys"][0]["key"].as_str().unwrap()
    }

    pub fn password(&self, username: &str) -> String {
        let user = self.credentials["users"].as_array().unwrap().iter().find(|user| user["username"] == username).unwrap();
        user["password"].as_str().unwrap().to_owned()
    }

    pub fn person(&self, username: &str) -> Client {
        let client = Client::builder().cookie_store(true).build().unwrap();
        let answer = client
            .post(format!("{}/api/v1/session", self.url))
            .json(&json!({ "username": username, "password": self.password(username) }))
            .send();
        assert!(answer.unwrap().status().is_success());
        client
    }

    fn post_alert(&self, alert: &Value) -> Option<Value> {
        let answer = Client::new().post(format!("{}/api/v1/alerts", self.url)).bearer_auth(self.key()).json(alert).send().ok()?;
        answer.status().is_success().then(|| answer.json().ok()).flatten()
    }

    /// Posts an alert of this sender's id, on a host of its own; was it taken?
    pub fn post_malware(&self, id: &str) -> bool {
        let alert =
            json!({ "alert_id": id, "incident_type": "malware", "impact": 2, "likelihood": 2, "hostname": format!("ws-{id}") });
        self.post_alert(&alert).is_some()
    }

    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

pub fn json_of(client: &Client, url: &str) -> Value {
    client.get(url).send().unwrap().json().unwrap()
}

#[test]
fn a_run_that_was_killed_at_any_point_ends_with_every_effect_once() {
    for point in POINTS {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = Demo::start(folder.path(), Some(point));
        let id = demo.post_alert(&brute_force()).unwrap()["incident_id"].as_str().unwrap().to_owned();
        let analyst = demo.person("analyst");
        let asked: Value =
            analyst.post(format!("{}/api/v1/incidents/{id}/run", demo.url)).json(&json!({})).send().unwrap().json().unwrap();
        let approval = asked["approval"]["id"].as_str().unwrap();
        let vote = json!({ "decision": "approve", "reason": "seen with the account's owner", "plan_digest": asked["approval"]["plan_digest"] });
        // The server may die before it has answered.
        let _ = demo.person("approver").post(format!("{}/api/v1/approvals/{approval}/decide", demo.url)).json(&vote).send();
        assert!(!demo.process.wait().unwrap().success(), "the server died at {point}");

        let again = Demo::start(folder.path(), None);
        let analyst = again.person("analyst");
        let contained = loop {
            let incident = json_of(&analyst, &format!("{}/api/v1/incidents/{id}", again.url));
            if incident["state"] == "contained" {
                break incident;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        };
        assert_eq!(contained["runs"][0]["status"], "succeeded", "{point}");
        assert_eq!(outbox(folder.path()).len(), 1, "{point}: one message");
        let auditor = again.person("auditor");
        let log = json_of(&auditor, &format!("{}/api/v1/audit-logs?incident_id={id}&limit=200", again.url));
        for action in ["ACTION_STARTED", "ACTION_SUCCEEDED"] {
            let count = log["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == action).count();
            assert_eq!(count, 4, "{point}: {action} once for each step");
        }
        again.kill();
    }
}

/// A run that takes back what it did, because its last step fails: nobody is called `nobody`.
const UNDONE: &str = "id: PB-UNDONE
name: Taken back
incident_type: undone
actions:
  - { id: block, action: block_ip, with: { ip: 203.0.113.7 } }
  - { id: lock, action: disable_user, with: { user: jdoe } }
  - { id: give, action: assign, with: { user: nobody }, on_error: undo }
";

/// A run whose message is sent at the second attempt: a file stands where its folder belongs until the server has died.
const RETRIED: &str = "id: PB-RETRIED
name: Tried again
incident_type: retried
actions:
  - id: tell
    action: notify
    with: { channel: soc, message: hello }
    retry: { attempts: 5, backoff: 1s }
";

/// What the log says of a run, as `(action, count)`.
fn counted(demo: &Demo, incident: &str, actions: &[&str]) -> Vec<usize> {
    let log = json_of(&demo.person("auditor"), &format!("{}/api/v1/audit-logs?incident_id={incident}&limit=200", demo.url));
    let entries = log["items"].as_array().unwrap();
    actions.iter().map(|action| entries.iter().filter(|entry| entry["action"] == *action).count()).collect()
}

/// Starts a run of a playbook in the folder, on a server that dies at this point of it; answers with the incident.
fn died_at(point: &str, folder: &Path, (kind, playbook): (&str, &str)) -> String {
    std::fs::create_dir(folder.join("playbooks")).unwrap();
    std::fs::write(folder.join("playbooks/own.yaml"), playbook).unwrap();
    let mut demo = Demo::start(folder, Some(point));
    let alert = json!({ "incident_type": kind, "title": "odd", "severity": "low" });
    let incident = demo.post_alert(&alert).unwrap()["incident_id"].as_str().unwrap().to_owned();
    // The server may die before it has answered.
    let _ = demo.person("analyst").post(format!("{}/api/v1/incidents/{incident}/run", demo.url)).json(&json!({})).send();
    assert!(!demo.process.wait().unwrap().success(), "the server died at {point}");
    incident
}

/// The run of an incident, once it has ended.
fn ended_run(demo: &Demo, incident: &str) -> Value {
    let analyst = demo.person("analyst");
    loop {
        let detail = json_of(&analyst, &format!("{}/api/v1/incidents/{incident}", demo.url));
        if !detail["runs"][0]["finished_at"].is_null() {
            return detail["runs"][0].clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_run_that_was_killed_while_it_took_back_takes_every_step_back_once() {
    for point in ["undo_committed", "undo_called"] {
        let folder = tempfile::tempdir().unwrap();
        let incident = died_at(point, folder.path(), ("undone", UNDONE));
        let again = Demo::start(folder.path(), None);
        let run = ended_run(&again, &incident);
        let statuses: Vec<&str> = run["steps"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect();
        assert_eq!((run["status"].as_str().unwrap(), statuses), ("failed", vec!["undone", "undone", "failed"]), "{point}");
        let counts = counted(
            &again,
            &incident,
            &["ACTION_SUCCEEDED", "ACTION_UNDO_STARTED", "ACTION_UNDONE", "ACTION_UNDO_FAILED", "PLAYBOOK_FAILED"],
        );
        assert_eq!(counts, [2, 2, 2, 0, 1], "{point}: each once");
        again.kill();
    }
}

#[test]
fn an_attempt_that_was_killed_is_made_again_and_its_effect_happens_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("outbox"), "in the way").unwrap();
    let incident = died_at("retry_committed", folder.path(), ("retried", RETRIED));
    std::fs::remove_file(folder.path().join("outbox")).unwrap();
    let again = Demo::start(folder.path(), None);
    let run = ended_run(&again, &incident);
    assert_eq!(
        (&run["status"], &run["steps"][0]["status"], &run["steps"][0]["attempts"]),
        (&json!("succeeded"), &json!("succeeded"), &json!(2))
    );
    assert_eq!(outbox(folder.path()).len(), 1, "one message");
    let counts = counted(&again, &incident, &["ACTION_STARTED", "ACTION_FAILED", "ACTION_SUCCEEDED", "PLAYBOOK_COMPLETED"]);
    assert_eq!(counts, [2, 1, 1, 1], "the attempt that was killed is not another one");
    again.kill();
}

#[test]
fn every_acknowledged_alert_survives_a_kill_and_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), None);
    let acknowledged = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let posters: Vec<_> = (0..8)
            .map(|poster| {
                scope.spawn({
                    let (demo, acknowledged) = (&demo, &acknowledged);
                    move || post_until_killed(demo, &format!("poster-{poster}"), acknowledged)
                })
            })
            .collect();
        while acknowledged.lock().unwrap().len() < 200 {
            std::thread::yield_now();
        }
        // SIGKILL, while the others are posting.
        Command::new("kill").args(["-9", &demo.process.id().to_string()]).status().unwrap();
        for poster in posters {
            poster.join().unwrap();
        }
    });
    demo.kill();
    let again = Demo::start(folder.path(), None);
    let stored = stored_alert_ids(&again);
    let unique: std::collections::BTreeSet<&String> = stored.iter().collect();
    assert_eq!(unique.len(), stored.len(), "no alert is there twice");
    for id in acknowledged.into_inner().unwrap() {
        assert!(unique.contains(&id), "{id} was acknowledged and is gone");
    }
    again.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_and_its_idempotency_key_are_both_there_after_a_kill() {
    let postgres = new_postgres_database().await;
    let databases = std::iter::once(None).chain(postgres.map(Some));
    tokio::task::spawn_blocking(move || databases.for_each(|url| repeat_after_a_kill(url.as_deref()))).await.unwrap();
}

/// The server dies between the commit and the answer; whoever repeats the request gets the answer, and nothing is there twice.
fn repeat_after_a_kill(database_url: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start_on(database_url, folder.path(), None);
    let incident = demo.post_alert(&brute_force()).unwrap()["incident_id"].as_str().unwrap().to_owned();
    let other = json!({ "incident_type": "phishing", "impact": 3, "likelihood": 3, "confidence": 3 });
    let into = demo.post_alert(&other).unwrap()["incident_id"].clone();
    demo.kill();
    let batch = json!([{ "title": "one of a batch" }, { "impact": 9 }]);
    let [note, task, file, run, merge] =
        ["notes", "tasks", "evidence", "run", "merge"].map(|part| format!("/api/v1/incidents/{incident}/{part}"));
    for (path, body, status) in [
        ("/api/v1/alerts", json!({ "title": "one alone" }), 201),
        ("/api/v1/alerts/batch", batch, 200),
        (note.as_str(), json!({ "text": "seen" }), 201),
        (task.as_str(), json!({ "title": "call the owner" }), 201),
        (file.as_str(), json!("the bytes of a file"), 201),
        (run.as_str(), json!({ "mode": "dry_run" }), 202),
        (merge.as_str(), json!({ "into": into }), 200),
    ] {
        let mut demo = Demo::start_on(database_url, folder.path(), Some("before_answer"));
        let by = demo.person("analyst");
        let post = |url: &str| {
            let request = by.post(format!("{url}{path}")).header("idempotency-key", "once");
            match body.as_str() {
                Some(bytes) => request.header("content-type", "application/octet-stream").body(bytes.to_owned()).send(),
                None => request.json(&body).send(),
            }
        };
        assert!(post(&demo.url).is_err(), "{path}: nobody was answered");
        assert!(!demo.process.wait().unwrap().success());
        let again = Demo::start_on(database_url, folder.path(), None);
        let answer = post(&again.url).unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["idempotency-replayed"].as_bytes()),
            (status, &b"true"[..]),
            "{path}"
        );
        let first: Value = answer.json().unwrap();
        assert_eq!(post(&again.url).unwrap().json::<Value>().unwrap(), first, "{path}");
        again.kill();
    }
    let last = Demo::start_on(database_url, folder.path(), None);
    assert_eq!(stored_alert_ids(&last).len(), 4, "two before, one alone, one of the batch");
    let detail = json_of(&last.person("analyst"), &format!("{}/api/v1/incidents/{incident}", last.url));
    let counts = ["notes", "tasks", "evidence", "runs"].map(|part| detail[part].as_array().unwrap().len());
    assert_eq!((counts, &detail["merged_into"]), ([1, 1, 1, 1], &into));
    last.kill();
}

/// Posts alerts until the server is gone, and notes which it took.
pub fn post_until_killed(demo: &Demo, poster: &str, acknowledged: &std::sync::Mutex<Vec<String>>) {
    for turn in 0.. {
        let id = format!("{poster}-{turn}");
        if !demo.post_malware(&id) {
            return;
        }
        acknowledged.lock().unwrap().push(id);
    }
}

fn stored_alert_ids(demo: &Demo) -> Vec<String> {
    let (analyst, mut ids, mut cursor) = (demo.person("analyst"), Vec::new(), None::<String>);
    loop {
        let next = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = json_of(&analyst, &format!("{}/api/v1/alerts?limit=200{next}", demo.url));
        ids.extend(page["items"].as_array().unwrap().iter().map(|alert| alert["alert_id"].as_str().unwrap().to_owned()));
        cursor = page["next_cursor"].as_str().map(ToOwned::to_owned);
        if cursor.is_none() {
            return ids;
        }
    }
}
