//! Documents that are written to hurt: each is refused by an error that names the limit, nothing of it is stored, and the server's
//! memory stays what it was.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use serde_json::json;

use crate::crash_safety::Demo;
use crate::installation::{Installation, PASSWORD};
use crate::on_both_databases;

mod arsenal;

use arsenal::{Bomb, Thrower, bombs};

on_both_databases!(every_bomb_is_refused_by_a_named_limit_and_leaves_nothing);

/// Bombs that there are at least.
const BOMBS_MIN: usize = 40;
/// Rounds that show what the server needs for them, with what it keeps for reuse.
const FIRST_ROUNDS: usize = 5;
/// Rounds that would show what it never gives back, and how many of the last of them are looked at.
const FURTHER_ROUNDS: usize = 40;
const LAST_ROUNDS: usize = 5;
/// How much more memory the server may hold after all rounds than it took for the first, in KiB: less than two of the largest bodies.
const GROWTH_KIB_MAX: u64 = 16 * 1024;

/// Whoever throws a bomb may do so.
struct Throwers {
    url: String,
    key: String,
    source: reqwest::Client,
    analyst: reqwest::Client,
    admin: reqwest::Client,
}

impl Throwers {
    async fn new(url: String, key: String, password: impl Fn(&str) -> String) -> Self {
        let analyst = signed_in(&url, "analyst", password("analyst")).await;
        let admin = signed_in(&url, "admin", password("admin")).await;
        let source = reqwest::Client::builder().build().unwrap();
        Self { url, key, source, analyst, admin }
    }

    async fn throw(&self, bomb: &Bomb) -> (u16, String) {
        let url = format!("{}{}", self.url, bomb.path);
        let request = match bomb.thrower {
            Thrower::Source => self.source.request(bomb.method.clone(), url).bearer_auth(&self.key),
            Thrower::Analyst => self.analyst.request(bomb.method.clone(), url),
            Thrower::Admin => self.admin.request(bomb.method.clone(), url),
        };
        let request = bomb.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let answer = request.body(bomb.body.clone()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Throws every bomb once.
    async fn throw_all(&self) {
        let mut missed = Vec::new();
        for bomb in bombs() {
            let (status, answer) = self.throw(&bomb).await;
            if status != bomb.status || !answer.contains(bomb.says) {
                missed.push(format!("{}: {status} {answer:.600}", bomb.name));
            }
        }
        assert!(missed.is_empty(), "{missed:#?}");
    }
}

async fn signed_in(url: &str, username: &str, password: String) -> reqwest::Client {
    let client = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let credentials = json!({ "username": username, "password": password });
    let answer = client.post(format!("{url}/api/v1/session")).json(&credentials).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    client
}

/// How many rows each table has.
async fn rows(database_url: &str) -> BTreeMap<String, i64> {
    let connection = Database::connect(database_url).await.unwrap();
    let backend = connection.get_database_backend();
    let tables = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let query = |sql: String| connection.query_all_raw(Statement::from_string(backend, sql));
    let mut counts = BTreeMap::new();
    for table in query(tables.to_owned()).await.unwrap() {
        let name: String = table.try_get("", "name").unwrap();
        let found = query(format!("SELECT COUNT(*) AS n FROM \"{name}\"")).await.unwrap();
        counts.insert(name, found[0].try_get("", "n").unwrap());
    }
    connection.close().await.unwrap();
    counts
}

async fn every_bomb_is_refused_by_a_named_limit_and_leaves_nothing(installation: Installation) {
    let source = installation.source();
    let alert = json!({ "incident_type": "brute_force", "title": "the incident that is attacked" });
    source.post("/api/v1/alerts", &alert).await.expect(StatusCode::CREATED);
    let throwers = Throwers::new(installation.url(""), source.key.clone().unwrap(), |_| PASSWORD.to_owned()).await;
    let before = rows(&installation.database_url).await;
    throwers.throw_all().await;
    let after = rows(&installation.database_url).await;
    let changed: Vec<_> = before.iter().filter(|(table, count)| after[*table] != **count).collect();
    // The notifications of the incident's beginning come when they come.
    assert!(
        changed.iter().all(|(table, _)| table.contains("notification") || table.contains("audit") || table.contains("job")),
        "{changed:?}"
    );
    assert!(bombs().len() >= BOMBS_MIN, "{}", bombs().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_memory_stays_flat() {
    let folder = tempfile::tempdir().unwrap();
    let demo = tokio::task::block_in_place(|| Demo::start(folder.path(), None));
    let throwers = Throwers::new(demo.url.clone(), demo.key().to_owned(), |username| demo.password(username)).await;
    let alert = json!({ "incident_type": "brute_force", "title": "the incident that is attacked" });
    let posted = throwers.source.post(format!("{}/api/v1/alerts", demo.url)).bearer_auth(demo.key()).json(&alert).send().await;
    assert_eq!(posted.unwrap().status(), StatusCode::CREATED);
    let mut resident = Vec::new();
    for _ in 0..FIRST_ROUNDS + FURTHER_ROUNDS {
        throwers.throw_all().await;
        resident.push(resident_kib(demo.process.id()));
    }
    // What is held between two rounds goes up and down with what the allocator has not given back yet; what leaks raises its floor.
    let needed = resident[..FIRST_ROUNDS].iter().max().unwrap();
    let kept = resident[resident.len() - LAST_ROUNDS..].iter().min().unwrap();
    assert!(*kept <= needed + GROWTH_KIB_MAX, "KiB held after each round: {resident:?}");
    demo.kill();
}

/// The memory that a process holds.
fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
