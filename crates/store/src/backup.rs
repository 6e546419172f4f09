//! A copy of a SQLite database, made while others use it, and what is looked at in such a copy before it is trusted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Error as DriverError, query};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::error::StoreError;
use crate::guards::{self, GuardReport};
use crate::schema::{SchemaChange, changes_of};
use crate::verification::{LogReport, verify};

/// How long the copy waits for a lock on the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a database file is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What SQLite's own check found; `ok` if nothing.
    pub integrity: String,
    pub changes: Vec<SchemaChange>,
    pub log: LogReport,
    /// How its guards stand, compared with those that its changes make.
    pub guards: GuardReport,
}

/// Copies the database at this address, as it is at one moment, into a file that is not there yet.
pub async fn copy_sqlite(url: &str, target: &Path) -> Result<(), StoreError> {
    copy(url, target).await.map_err(|error| StoreError::Database(error.to_string()))
}

async fn copy(url: &str, target: &Path) -> Result<(), DriverError> {
    let options: SqliteConnectOptions = url.parse()?;
    let mut connection = options.read_only(true).busy_timeout(BUSY_TIMEOUT).connect().await?;
    let text = target.to_string_lossy().into_owned();
    query("VACUUM INTO ?").bind(text).execute(&mut connection).await?;
    connection.close().await
}

/// Looks into a database file without changing it.
pub async fn inspect_sqlite(path: &Path) -> Result<Inspection, StoreError> {
    let connection = open(path.to_owned()).await?;
    let found = inspect(&connection).await;
    connection.close().await?;
    found
}

async fn open(path: PathBuf) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new("sqlite:inspected");
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| options.filename(&path).read_only(true).create_if_missing(false));
    Ok(Database::connect(options).await?)
}

async fn inspect(connection: &DatabaseConnection) -> Result<Inspection, StoreError> {
    let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(1)");
    let row = connection.query_one_raw(check).await?;
    let integrity = row.map_or(Ok("no answer".to_owned()), |row| row.try_get("", "integrity_check"))?;
    let changes = changes_of(connection).await?;
    let guards = guards::check_older(connection, &changes).await?;
    Ok(Inspection { integrity, log: verify(connection).await?, changes, guards })
}
