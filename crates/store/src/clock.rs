//! The database's own clock: what decides about expiry and leases, so that replicas with different clocks agree.

use domain::timestamp::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::StoreError;

const SQLITE_NOW_MS: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const POSTGRES_NOW_MS: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/// The time now as an expression in milliseconds, to stand in a statement.
pub fn now_ms(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite { SQLITE_NOW_MS } else { POSTGRES_NOW_MS }
}

/// The time now, by the database.
pub async fn now<C: ConnectionTrait>(connection: &C) -> Result<Timestamp, StoreError> {
    let backend = connection.get_database_backend();
    let sql = format!("SELECT {} AS now_ms", now_ms(backend));
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await?;
    let row = row.ok_or_else(|| StoreError::Database("the clock did not answer".to_owned()))?;
    Ok(Timestamp::from_unix_ms(row.try_get("", "now_ms")?))
}
