//! The audit log as a database keeps it, for whoever does not trust what wrote it: read-only, without a server, and nothing left out.

use domain::audit::verification::StoredEntry;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, EntityTrait, QueryOrder, QuerySelect};

use crate::entity::{audit_checkpoints, audit_head, audit_keys};
use crate::error::StoreError;
use crate::verification::entries_from;

/// A log that is only read.
pub struct KeptLog {
    connection: DatabaseConnection,
}

impl KeptLog {
    /// Opens the log in this database; a file that is not there is not made.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|options| options.read_only(true).create_if_missing(false))
            .map_sqlx_postgres_opts(|options| options.options([("default_transaction_read_only", "on")]));
        Ok(Self { connection: Database::connect(options).await? })
    }

    /// The next entries from this `seq` on, in order; none at the end.
    pub async fn entries(&self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        entries_from(&self.connection, from).await
    }

    /// How many entries the log says it has.
    pub async fn size(&self) -> Result<i64, StoreError> {
        Ok(audit_head::Entity::find().one(&self.connection).await?.map_or(0, |head| head.size))
    }

    /// The signed heads as they were made, the smallest first.
    pub async fn notes(&self) -> Result<Vec<String>, StoreError> {
        let notes = audit_checkpoints::Entity::find().select_only().column(audit_checkpoints::Column::Note);
        Ok(notes.order_by_asc(audit_checkpoints::Column::Size).into_tuple().all(&self.connection).await?)
    }

    /// The verifier keys that it carries itself.
    pub async fn verifier_keys(&self) -> Result<Vec<String>, StoreError> {
        let keys = audit_keys::Entity::find().select_only().column(audit_keys::Column::Verifier);
        Ok(keys.order_by_asc(audit_keys::Column::Since).into_tuple().all(&self.connection).await?)
    }

    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}
