//! Hundreds of ways to change an export of the log, or the database itself: each is found by whoever kept a head and a key.

use std::path::Path;

use audit_verify::verify_export;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use sea_orm::{ConnectionTrait as _, Database};
use server::commands::verifying::verify_database;

use crate::audit_verification::Kept;
use crate::installation::Installation;
use crate::main_job::{approve_and_contain, incident};
use crate::on_both_databases;

on_both_databases!(every_changed_export_is_found_out);

/// How often each kind of change is made.
const EXPORT_CHANGES: usize = 50;
const DATABASE_CHANGES: usize = 50;

/// One change of an export: what it is called, and how it is made.
type LineChange = (&'static str, fn(&mut Vec<String>, &mut StdRng));

/// Every kind leaves an export of at least one entry less than it was, or other than it was.
const LINE_CHANGES: [LineChange; 5] = [
    ("a flipped bit", |lines, random| {
        let line = random.random_range(1..lines.len());
        let mut bytes = std::mem::take(&mut lines[line]).into_bytes();
        let at = random.random_range(0..bytes.len());
        // Within ASCII, so that the file can be written as text.
        bytes[at] ^= 1 << random.random_range(0..7);
        lines[line] = String::from_utf8_lossy(&bytes).into_owned();
    }),
    ("a deleted entry", |lines, random| drop(lines.remove(random.random_range(1..=entries_in(lines))))),
    ("an inserted line", |lines, random| {
        let copied = lines[random.random_range(1..lines.len() - 1)].clone();
        let entries = entries_in(lines);
        lines.insert(random.random_range(1..=entries), copied);
    }),
    ("two lines swapped", |lines, random| {
        let entries = entries_in(lines);
        let one = random.random_range(1..entries);
        lines.swap(one, random.random_range(one + 1..=entries));
    }),
    ("a log cut short", |lines, random| {
        let entries = entries_in(lines);
        let kept = random.random_range(0..entries);
        let cut: Vec<String> = lines[1 + entries..].to_vec();
        lines.truncate(1 + kept);
        lines[0] = lines[0].replace(&format!("\"size\":{entries}"), &format!("\"size\":{kept}"));
        lines.extend(cut.into_iter().filter(|note| note.contains(&format!("\\n{kept}\\n"))));
    }),
];

fn entries_in(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("{\"leaf\"")).count()
}

async fn every_changed_export_is_found_out(installation: Installation) {
    let id = incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let older = auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap();
    approve_and_contain(&installation, &id).await;
    let kept = Kept::from(&auditor).await;
    let export = auditor.request(Method::GET, "/api/v1/audit/export").send().await.unwrap().text().await.unwrap();
    let trust = kept.trust();
    verify_export(export.as_bytes(), &trust).unwrap();
    assert!(verify_export(older.as_bytes(), &trust).unwrap_err().to_string().contains("older state"), "an older backup");
    let good: Vec<String> = export.lines().map(str::to_owned).collect();
    let mut random = StdRng::seed_from_u64(20_261_128);
    for (name, change) in LINE_CHANGES {
        for turn in 0..EXPORT_CHANGES {
            let mut lines = good.clone();
            change(&mut lines, &mut random);
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            assert_ne!(text, export, "{name}, {turn}");
            assert!(verify_export(text.as_bytes(), &trust).is_err(), "{name}, {turn}, was not found");
        }
    }
}

/// One change of a database: what it is called, and its statement for the entry with this `seq`, of so many.
type RowChange = (&'static str, fn(&mut StdRng, i64) -> String);

const ROW_CHANGES: [RowChange; 9] = [
    ("a changed character", |random, size| {
        let (table, column) = [
            ("audit_entries", "leaf"),
            ("audit_entries", "action"),
            ("audit_entries", "entry_id"),
            ("audit_checkpoints", "note"),
        ][random.random_range(0..4)];
        let row = random.random_range(0..size);
        let at = random.random_range(1..20);
        // Another character than the one that is there.
        format!(
            "UPDATE {table} SET {column} = substr({column}, 1, {at} - 1) || CASE substr({column}, {at}, 1) WHEN '~' THEN '!' ELSE '~' END || substr({column}, {at} + 1) \
             WHERE rowid = (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {row} % (SELECT count(*) FROM {table}))"
        )
    }),
    ("a deleted entry", |random, size| format!("DELETE FROM audit_entries WHERE seq = {}", random.random_range(0..size))),
    ("an inserted entry", |random, size| {
        format!(
            "INSERT INTO audit_entries SELECT {size}, entry_id || 'x', at, actor_id, action, incident_id, leaf, hash_start \
             FROM audit_entries WHERE seq = {}; UPDATE audit_head SET size = size + 1",
            random.random_range(0..size)
        )
    }),
    ("two entries swapped", |random, size| {
        let one = random.random_range(0..size - 1);
        let other = random.random_range(one + 1..size);
        format!(
            "UPDATE audit_entries SET seq = -1 WHERE seq = {one}; UPDATE audit_entries SET seq = {one} WHERE seq = {other}; UPDATE audit_entries SET seq = {other} WHERE seq = -1"
        )
    }),
    ("a log cut short", |random, size| {
        let kept = random.random_range(0..size);
        format!(
            "DELETE FROM audit_entries WHERE seq >= {kept}; DELETE FROM audit_checkpoints WHERE size > {kept}; UPDATE audit_head SET size = {kept}, tree_size = {kept}"
        )
    }),
    ("another start of a hash", |random, size| {
        format!("UPDATE audit_entries SET hash_start = hash_start + 1 WHERE seq = {}", random.random_range(0..size))
    }),
    ("another hash in the tree", |random, _| format!("UPDATE audit_nodes SET hash = randomblob(32) WHERE {}", any_node(random))),
    ("a hash less in the tree", |random, _| format!("DELETE FROM audit_nodes WHERE {}", any_node(random))),
    ("another edge of the tree", |_, _| "UPDATE audit_head SET edge = randomblob(length(edge))".to_owned()),
];

fn any_node(random: &mut StdRng) -> String {
    let nodes = "(SELECT count(*) FROM audit_nodes)";
    let row = random.random_range(0..u16::MAX);
    format!("position = (SELECT position FROM audit_nodes ORDER BY position LIMIT 1 OFFSET {row} % {nodes})")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_copy_of_the_database_is_found_out() {
    let installation = Installation::on_sqlite().await;
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let auditor = installation.person("auditor").await;
    let good = installation.folder.path().join("good.db");
    let (kept, size) = loop {
        let kept = Kept::from(&auditor).await;
        store::copy_sqlite(&installation.database_url, &good).await.unwrap();
        drop_triggers(&good).await;
        let size = verify_database(&url(&good), &kept.trust()).await.unwrap().head.size.cast_signed();
        if entries(&good).await == size {
            break (kept, size);
        }
        // Something was logged between the checkpoint and the copy.
        std::fs::remove_file(&good).unwrap();
    };
    let trust = kept.trust();
    let mut random = StdRng::seed_from_u64(20_261_128);
    for (name, change) in ROW_CHANGES {
        for turn in 0..DATABASE_CHANGES {
            let copy = installation.folder.path().join("changed.db");
            std::fs::copy(&good, &copy).unwrap();
            let statement = change(&mut random, size);
            execute(&copy, &statement).await;
            let found = verify_database(&url(&copy), &trust).await;
            assert!(found.is_err(), "{name}, {turn}, was not found: {statement}");
        }
    }
}

async fn drop_triggers(file: &Path) {
    let connection = Database::connect(url(file)).await.unwrap();
    let triggers = sea_orm::Statement::from_string(
        connection.get_database_backend(),
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    );
    for row in connection.query_all_raw(triggers).await.unwrap() {
        connection.execute_unprepared(&format!("DROP TRIGGER {}", row.try_get::<String>("", "name").unwrap())).await.unwrap();
    }
    connection.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    connection.close().await.unwrap();
}

async fn entries(file: &Path) -> i64 {
    let connection = Database::connect(url(file)).await.unwrap();
    let count =
        sea_orm::Statement::from_string(connection.get_database_backend(), "SELECT count(*) AS entries FROM audit_entries");
    let row = connection.query_one_raw(count).await.unwrap().unwrap();
    connection.close().await.unwrap();
    row.try_get("", "entries").unwrap()
}

async fn execute(file: &Path, statements: &str) {
    let connection = Database::connect(url(file)).await.unwrap();
    connection.execute_unprepared(statements).await.unwrap();
    connection.close().await.unwrap();
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
