//! Which changes of the schema a database has, compared with those that this version knows. Applying them is done by the writers.

use migration::Migrator;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::StoreError;
use crate::store::Store;

/// A change of the schema, by the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaChange {
    pub name: String,
    pub state: ChangeState,
}

/// Does the database have it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    Applied,
    Pending,
    /// The database has it, and this version does not know it: it comes from a newer one.
    Unknown,
}

impl SchemaChange {
    /// All changes as pending: of a database that is not there yet.
    #[must_use]
    pub fn all_pending() -> Vec<Self> {
        Self::all_of(&[])
    }

    /// Every change that is known or among these, which were applied; in order.
    #[must_use]
    pub fn all_of(applied: &[String]) -> Vec<Self> {
        let known = Migrator::names();
        let of_known = known.iter().map(|name| {
            let state = if applied.iter().any(|one| one == name) { ChangeState::Applied } else { ChangeState::Pending };
            Self { name: (*name).to_owned(), state }
        });
        let newer = applied.iter().filter(|name| !known.contains(&name.as_str()));
        of_known.chain(newer.map(|name| Self { name: name.clone(), state: ChangeState::Unknown })).collect()
    }
}

impl Store {
    /// Every change that is known or applied, in order.
    pub async fn schema_changes(&self) -> Result<Vec<SchemaChange>, StoreError> {
        changes_of(self.reads()).await
    }
}

/// The changes of the database behind this connection, which is only read.
pub async fn changes_of<C: ConnectionTrait>(connection: &C) -> Result<Vec<SchemaChange>, StoreError> {
    Ok(SchemaChange::all_of(&applied(connection).await?))
}

/// Does the database lack a change that this version knows? A newer version may have made others: while replicas are brought up to date one after
/// another, those that are not yet go on with what they know.
pub(crate) async fn is_behind<C: ConnectionTrait>(connection: &C) -> Result<bool, StoreError> {
    Ok(changes_of(connection).await?.iter().any(|change| change.state == ChangeState::Pending))
}

async fn applied<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, StoreError> {
    let backend = connection.get_database_backend();
    let exists = match backend {
        DbBackend::Sqlite => "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        _ => "SELECT 1 AS found WHERE to_regclass('seaql_migrations') IS NOT NULL",
    };
    if connection.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let names = "SELECT version FROM seaql_migrations ORDER BY version";
    let rows = connection.query_all_raw(Statement::from_string(backend, names)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "version")?)).collect()
}
