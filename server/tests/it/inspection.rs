//! What is looked at when a test has gone well: no job was left over, and the log has every entry as it was written.

use audit_verify::{LogReader, Trust};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement};
use serde_json::Value;
use store::KeptLog;

/// All jobs, in one statement, with whether a worker has it or would take it up at once.
const JOBS: &str = "SELECT kind, subject, attempts, CASE WHEN claimed_by IS NOT NULL OR run_after <= {now} THEN 1 ELSE 0 END AS is_under_way FROM jobs";
const SQLITE_NOW: &str = "unixepoch('subsec') * 1000";
const POSTGRES_NOW: &str = "extract(epoch FROM clock_timestamp()) * 1000";

/// Happens when the installation is taken down.
pub struct Inspection {
    pub database_url: String,
}

impl Drop for Inspection {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let inspect = async {
            let connection = Database::connect(&self.database_url).await.unwrap();
            expect_no_job_left_over(&connection).await;
            expect_a_log_without_a_gap(&connection).await;
            expect_a_log_by_the_rules(&self.database_url).await;
            connection.close().await.unwrap();
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(inspect));
    }
}

/// What is under way is waited for; what failed and waits to be tried again is left over.
async fn expect_no_job_left_over(connection: &DatabaseConnection) {
    let now = if is_sqlite(connection) { SQLITE_NOW } else { POSTGRES_NOW };
    let jobs = loop {
        let jobs = rows(connection, &JOBS.replace("{now}", now)).await;
        if jobs.iter().all(|row| row.try_get::<i32>("", "is_under_way").unwrap() == 0) {
            break jobs;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let failed = jobs.iter().filter(|row| row.try_get::<i64>("", "attempts").unwrap() > 0);
    let named = |row: &QueryResult| (row.try_get::<String>("", "kind").unwrap(), row.try_get::<String>("", "subject").unwrap());
    assert_eq!(failed.map(named).collect::<Vec<_>>(), [], "jobs that failed");
}

async fn expect_a_log_without_a_gap(connection: &DatabaseConnection) {
    // In one statement: the server still runs, and what it writes between two would look like a gap.
    let sql = "SELECT seq, leaf, (SELECT size FROM audit_head) AS size FROM audit_entries ORDER BY seq";
    let entries = rows(connection, sql).await;
    for (expected, entry) in (0_i64..).zip(&entries) {
        let leaf: String = entry.try_get("", "leaf").unwrap();
        let content: Value = serde_json::from_str(&leaf).unwrap();
        assert_eq!((entry.try_get::<i64>("", "seq").unwrap(), content["seq"].as_i64()), (expected, Some(expected)));
        assert_eq!(usize::try_from(entry.try_get::<i64>("", "size").unwrap()).unwrap(), entries.len());
        assert_eq!(domain::canonical::to_json(&content), leaf, "the leaf is canonical");
        for (name, fact) in content["facts"].as_object().unwrap() {
            assert!(is_a_fact(fact), "{}: {name} is {fact}", content["action"]);
        }
    }
}

/// Whatever a test did, the log tells of no rule that was broken, and each signed head is that of its entries.
async fn expect_a_log_by_the_rules(url: &str) {
    let log = KeptLog::open(url).await.unwrap();
    // First: the server still runs, and may sign what it writes meanwhile.
    let notes = log.notes().await.unwrap();
    let mut reader = LogReader::default();
    loop {
        let entries = log.entries(reader.size().cast_signed()).await.unwrap();
        if entries.is_empty() {
            break;
        }
        for entry in &entries {
            reader.add(entry).unwrap();
        }
    }
    if !notes.is_empty() {
        reader.conclude(&notes, &log.verifier_keys().await.unwrap(), &Trust::default()).unwrap();
    }
    log.close().await.unwrap();
}

/// Ids, digests, words and whole numbers, or lists of them; no texts, no yes or no.
fn is_a_fact(fact: &Value) -> bool {
    match fact {
        Value::Array(facts) => facts.iter().all(is_a_fact),
        Value::String(word) => !word.contains(char::is_whitespace),
        Value::Number(number) => number.is_i64(),
        Value::Null => true,
        Value::Bool(_) | Value::Object(_) => false,
    }
}

fn is_sqlite(connection: &DatabaseConnection) -> bool {
    connection.get_database_backend() == sea_orm::DbBackend::Sqlite
}

async fn rows(connection: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap()
}
