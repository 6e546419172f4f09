//! The database's own clock: what decides about expiry and leases, so that replicas with different clocks agree.

use domain::timestamp::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::StoreError;

const SQLITE_NOW: &str = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now_ms";
const POSTGRES_NOW: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now_ms";

/// The time now, by the database.
pub async fn now<C: ConnectionTrait>(connection: &C) -> Result<Timestamp, StoreError> {
    let backend = connection.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { SQLITE_NOW } else { POSTGRES_NOW };
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await?;
    let row = row.ok_or_else(|| StoreError::Database("the clock did not answer".to_owned()))?;
    Ok(Timestamp::from_unix_ms(row.try_get("", "now_ms")?))
}
