//! The log verified without trusting the server: a page of entries as a browser does it, one entry from its proof file, the database itself; and
//! five hundred ways to change it, each of which is found.

use std::path::Path;
use std::process::{Command, Output};

use audit_verify::{LogReader, Trust, verify_export, verify_proof};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;
use store::KeptLog;
use transparency::{Hash, SignedCheckpoint, VerifierKey, check_consistency, check_inclusion, leaf_hash};

use crate::installation::{Client, Installation};
use crate::main_job::{approve_and_contain, incident};
use crate::on_both_databases;

on_both_databases!(
    a_page_of_entries_is_proved_against_one_head,
    one_entry_is_proved_by_a_file,
    the_database_is_verified_where_it_is,
    every_changed_export_is_found_out,
);

/// What an auditor has from elsewhere.
struct Kept {
    key: VerifierKey,
    note: String,
}

impl Kept {
    async fn from(client: &Client<'_>) -> Self {
        let head = client.get("/api/v1/audit/checkpoint").await.expect(StatusCode::OK);
        Self {
            key: head["verifier_keys"][0].as_str().unwrap().parse().unwrap(),
            note: head["checkpoint"].as_str().unwrap().to_owned(),
        }
    }

    fn trust(&self) -> Trust {
        Trust { keys: vec![self.key.clone()], kept: Some(self.note.clone()) }
    }

    fn head(&self) -> SignedCheckpoint {
        SignedCheckpoint::open(&self.note, std::slice::from_ref(&self.key)).unwrap()
    }
}

fn hash(text: &Value) -> Hash {
    Hash(*text.as_str().unwrap().parse::<domain::digest::Digest>().unwrap().as_bytes())
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(hash).collect()
}

async fn a_page_of_entries_is_proved_against_one_head(installation: Installation) {
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await.head().checkpoint;
    let id = incident(&installation).await;
    let proved = auditor.get(&format!("/api/v1/audit/proof/entries?seqs=0,1,2&kept={}", kept.size)).await.expect(StatusCode::OK);
    let key: VerifierKey = proved["head"]["verifier_keys"][0].as_str().unwrap().parse().unwrap();
    let head = SignedCheckpoint::open(proved["head"]["checkpoint"].as_str().unwrap(), &[key]).unwrap().checkpoint;
    check_consistency(&hashes(&proved["growth"]["hashes"]), (kept.size, kept.root), (head.size, head.root)).unwrap();
    let entries = proved["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| &entry["seq"]).collect::<Vec<_>>(), [0, 1, 2]);
    for entry in entries {
        let leaf = leaf_hash(entry["leaf"].as_str().unwrap().as_bytes());
        check_inclusion(&hashes(&entry["hashes"]), head.size, head.root, entry["seq"].as_u64().unwrap(), leaf).unwrap();
    }
    let beyond = auditor.get("/api/v1/audit/proof/entries?seqs=0&kept=99999999").await.expect(StatusCode::OK);
    assert!(beyond["growth"].is_null(), "whoever kept a larger head is told that there is nothing to show");
    for address in ["", "?seqs=", "?seqs=x", "?seqs=-1", "?seqs=99999999", "?seqs=0,,1", "?seqs=0&kept=x"] {
        auditor.get(&format!("/api/v1/audit/proof/entries{address}")).await.expect_problem(422, "invalid");
    }
    let many = vec!["0"; 201].join(",");
    auditor.get(&format!("/api/v1/audit/proof/entries?seqs={many}")).await.expect_problem(422, "invalid");
    // The first entry is about no incident: an analyst may not see it, and so not have it proved, alone or beside others.
    let analyst = installation.person("analyst").await;
    let of_incident = analyst.get(&format!("/api/v1/audit-logs?incident_id={id}&limit=1")).await.expect(StatusCode::OK);
    let seq = &of_incident["items"][0]["seq"];
    analyst.get(&format!("/api/v1/audit/proof/entries?seqs={seq}")).await.expect(StatusCode::OK);
    analyst.get(&format!("/api/v1/audit/proof/entries?seqs={seq},0")).await.expect_problem(403, "forbidden");
    analyst.get("/api/v1/audit/proof/file?seq=0").await.expect_problem(403, "forbidden");
}

async fn one_entry_is_proved_by_a_file(installation: Installation) {
    incident(&installation).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let answer = auditor.request(Method::GET, "/api/v1/audit/proof/file?seq=3").send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"entry-3.tlog-proof\"");
    let text = answer.text().await.unwrap();
    let proved = verify_proof(&text, &kept.trust()).unwrap();
    let log = auditor.get("/api/v1/audit-logs?order=asc&limit=4").await.expect(StatusCode::OK);
    let leaf: Value = serde_json::from_str(&proved.leaf).unwrap();
    assert_eq!((&leaf["id"], &leaf["action"]), (&log["items"][3]["id"], &log["items"][3]["action"]));
    for address in ["", "?seq=x", "?seq=-1", "?seq=99999999"] {
        auditor.get(&format!("/api/v1/audit/proof/file{address}")).await.expect_problem(422, "invalid");
    }
    let file = installation.folder.path().join("entry.tlog-proof");
    std::fs::write(&file, &text).unwrap();
    let verified = audit(&["verify", file.to_str().unwrap(), "--key", &kept.key.to_string()]);
    assert!(verified.status.success() && String::from_utf8_lossy(&verified.stdout).contains(&proved.leaf));
    let unpinned = audit(&["verify", file.to_str().unwrap()]);
    assert!(!unpinned.status.success() && String::from_utf8_lossy(&unpinned.stderr).contains("--key"));
}

async fn the_database_is_verified_where_it_is(installation: Installation) {
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let folder = installation.folder.path();
    std::fs::write(folder.join("kept.note"), &kept.note).unwrap();
    let verify = || {
        let (key, note) = (kept.key.to_string(), folder.join("kept.note"));
        let mut arguments = vec!["verify-database", "--key", &key, "--checkpoint", note.to_str().unwrap()];
        arguments.extend(["--data-dir", folder.to_str().unwrap()]);
        if installation.database_url.starts_with("postgres") {
            arguments.extend(["--database-url", &installation.database_url]);
        }
        audit(&arguments)
    };
    let sound = verify();
    let said = String::from_utf8_lossy(&sound.stdout).into_owned();
    assert!(
        sound.status.success() && said.contains("continues the kept head"),
        "{said}{}",
        String::from_utf8_lossy(&sound.stderr)
    );
    // Whoever owns the database drops the trigger, and makes another of one word.
    let drop_trigger = if installation.database_url.starts_with("postgres") {
        "ALTER TABLE audit_entries DISABLE TRIGGER USER"
    } else {
        "DROP TRIGGER audit_entries_update"
    };
    installation.sql(drop_trigger).await;
    installation
        .sql("UPDATE audit_entries SET leaf = replace(leaf, '\"outcome\":\"ok\"', '\"outcome\":\"error\"') WHERE seq = 5")
        .await;
    let changed = verify();
    let said = String::from_utf8_lossy(&changed.stderr).into_owned();
    assert!(
        changed.status.code() == Some(1) && said.contains("the column outcome of entry 5 is not what its leaf says"),
        "{said}"
    );
    installation
        .sql("UPDATE audit_entries SET leaf = replace(leaf, '\"outcome\":\"error\"', '\"outcome\":\"ok\"') WHERE seq = 5")
        .await;
    assert!(verify().status.success());
}

/// `countersign audit` with these arguments.
fn audit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).arg("audit").args(arguments).output().unwrap()
}

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

const ROW_CHANGES: [RowChange; 5] = [
    ("a changed character", |random, size| {
        let (table, column) = [
            ("audit_entries", "leaf"),
            ("audit_entries", "action"),
            ("audit_entries", "actor_kind"),
            ("audit_entries", "target_id"),
            ("audit_checkpoints", "note"),
        ][random.random_range(0..5)];
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
            "INSERT INTO audit_entries SELECT {size}, entry_id || 'x', at, actor_kind, actor_id, action, target_kind, target_id, incident_id, correlation_id, outcome, leaf \
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
];

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_copy_of_the_database_is_found_out() {
    let installation = Installation::on_sqlite().await;
    let id = incident(&installation).await;
    approve_and_contain(&installation, &id).await;
    let auditor = installation.person("auditor").await;
    let kept = Kept::from(&auditor).await;
    let trust = kept.trust();
    let good = installation.folder.path().join("good.db");
    store::copy_sqlite(&installation.database_url, &good).await.unwrap();
    drop_triggers(&good).await;
    let size = verify_database(&good, &trust).await.unwrap().cast_signed();
    let mut random = StdRng::seed_from_u64(20_261_128);
    for (name, change) in ROW_CHANGES {
        for turn in 0..DATABASE_CHANGES {
            let copy = installation.folder.path().join("changed.db");
            std::fs::copy(&good, &copy).unwrap();
            let statement = change(&mut random, size);
            execute(&copy, &statement).await;
            let found = verify_database(&copy, &trust).await;
            assert!(found.is_err(), "{name}, {turn}, was not found: {statement}");
        }
    }
}

/// How many entries a database's log has, if it is as it was signed.
async fn verify_database(file: &Path, trust: &Trust) -> Result<u64, String> {
    let log = KeptLog::open(&url(file)).await.unwrap();
    let mut reader = LogReader::default();
    let (size, notes, keys) = (log.size().await.unwrap(), log.notes().await.unwrap(), log.verifier_keys().await.unwrap());
    let entries = log.entries(0).await.unwrap();
    log.close().await.unwrap();
    if entries.len() as i64 != size {
        return Err(format!("{size} entries, and there are {}", entries.len()));
    }
    entries.iter().try_for_each(|entry| reader.add(entry)).map_err(|fault| fault.to_string())?;
    reader.conclude(&notes, &keys, trust).map_err(|fault| fault.to_string())?;
    Ok(reader.size())
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

async fn execute(file: &Path, statements: &str) {
    let connection = Database::connect(url(file)).await.unwrap();
    connection.execute_unprepared(statements).await.unwrap();
    connection.close().await.unwrap();
}

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}
