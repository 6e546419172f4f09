//! How connections are opened, and the settings without which SQLite would lose data or time: they are set on every connection and
//! asserted on every connection. What runs over a connection is not known here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Error as DriverError, query_scalar};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::error::StoreError;

/// How long a connection waits for another's lock on the SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a connection of a pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read a SQLite file side by side.
const SQLITE_READERS_MAX: u32 = 8;
/// Prepared statements that a connection keeps. Those of large groups of alerts are large, so there must not be too many.
const STATEMENTS_CACHED_MAX: usize = 128;
/// Prepared statements that the writing connection keeps: most of what it writes of a group is one text, large and hardly ever the same again. What it
/// writes to the log is one of few (see `batch`).
const WRITER_STATEMENTS_CACHED_MAX: usize = 16;
/// What the writing connection keeps of the database in memory, in KiB where it is negative.
const WRITER_CACHE: &str = "-16384";
/// Pages of the write-ahead log, 4 KiB each, after which they are brought into the database.
const WAL_PAGES: &str = "4000";
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// Earlier ones have a bug that loses the write-ahead log.
const SQLITE_VERSION_MIN: (u32, u32, u32) = (3, 51, 3);

/// What a connection to a SQLite file may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The one connection that writes.
    Write,
    /// One that changes the schema: what it sorts may be larger than memory.
    Migrate,
    /// One of the pool that only reads.
    Read,
}

/// Counts the statements that went to the database.
#[derive(Clone, Default)]
pub struct StatementCounter(Arc<AtomicU64>);

impl StatementCounter {
    /// Statements so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn watch(&self, connection: &mut DatabaseConnection) {
        let count = Arc::clone(&self.0);
        connection.set_metric_callback(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
    }
}

/// Opens a SQLite file; the writer creates it if it is not there.
pub async fn open_sqlite(url: &str, access: Access, counter: &StatementCounter) -> Result<DatabaseConnection, StoreError> {
    if access == Access::Write {
        probe(url).await.map_err(|error| StoreError::Misconfigured(error.to_string()))?;
    }
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(if access == Access::Read { SQLITE_READERS_MAX } else { 1 })
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| sqlite_settings(options, access))
        .map_sqlx_sqlite_pool_opts(|pool| pool.after_connect(|connection, _| Box::pin(assert_settings(connection))));
    let mut connection = Database::connect(options).await?;
    counter.watch(&mut connection);
    Ok(connection)
}

/// Opens a pool of connections to PostgreSQL.
pub async fn open_postgres(url: &str, counter: &StatementCounter) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS_MAX)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(BUSY_TIMEOUT)
        .sqlx_logging(false)
        .set_application_name("countersign")
        .map_sqlx_postgres_opts(|options| options.options([("synchronous_commit", "on")]));
    let mut connection = Database::connect(options).await?;
    counter.watch(&mut connection);
    Ok(connection)
}

/// One connection outside any pool: a pool would try again and again, and in the end only say that it took too long.
async fn probe(url: &str) -> Result<(), DriverError> {
    let mut connection = sqlite_settings(url.parse()?, Access::Write).connect().await?;
    assert_settings(&mut connection).await?;
    connection.close().await
}

fn sqlite_settings(options: SqliteConnectOptions, access: Access) -> SqliteConnectOptions {
    let options = options
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("recursive_triggers", "ON")
        .statement_cache_capacity(STATEMENTS_CACHED_MAX);
    match access {
        Access::Write => options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What a savepoint needs to be taken back would be a file of its own, made and removed with each group.
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", WAL_PAGES)
            .statement_cache_capacity(WRITER_STATEMENTS_CACHED_MAX),
        Access::Migrate => options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal),
        Access::Read => options.read_only(true).pragma("query_only", "ON"),
    }
}

async fn assert_settings(connection: &mut SqliteConnection) -> Result<(), DriverError> {
    let version: String = query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    if !is_recent(&version) {
        return Err(DriverError::Configuration(format!("SQLite {version} is older than 3.51.3").into()));
    }
    let journal: String = query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    if journal != "wal" {
        return Err(DriverError::Configuration(format!("journal_mode is {journal}, not wal").into()));
    }
    for (query, expected) in
        [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA recursive_triggers", 1), ("PRAGMA busy_timeout", 5_000)]
    {
        let value: i64 = query_scalar(query).fetch_one(&mut *connection).await?;
        if value != expected {
            return Err(DriverError::Configuration(format!("{query} is {value}, not {expected}").into()));
        }
    }
    Ok(())
}

fn is_recent(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').map_while(|number| number.parse().ok()).collect();
    matches!(numbers[..], [major, minor, patch] if (major, minor, patch) >= SQLITE_VERSION_MIN)
}

#[cfg(test)]
mod tests {
    use super::is_recent;

    #[test]
    fn only_versions_without_the_write_ahead_log_bug_are_accepted() {
        for (version, expected) in
            [("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("3.51.2", false), ("3.9.99", false), ("", false)]
        {
            assert_eq!(is_recent(version), expected, "{version}");
        }
    }
}
