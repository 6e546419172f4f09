//! The audit log as a database keeps it, for whoever does not trust what wrote it: read-only, without a server, and nothing left out.

use domain::audit::verification::StoredEntry;
use sea_orm::{ColumnTrait, ConnectOptions, Database, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use transparency::{Node, node_count};

use crate::audit::tree;
use crate::entity::{audit_checkpoints, audit_head, audit_keys, audit_nodes};
use crate::error::StoreError;
use crate::rows::small;
use crate::verification::entries_from;

/// Hashes of the tree that are read at once.
const NODES: u64 = 10_000;

/// Where a log stands, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptHead {
    /// How many entries it has.
    pub size: u64,
    /// How many of them are in its tree.
    pub tree_size: u64,
    /// The hashes at the edge of the tree, one after another, if they are kept.
    pub edge: Option<Vec<u8>>,
}

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

    /// Where the log stands, as it says.
    pub async fn head(&self) -> Result<KeptHead, StoreError> {
        let Some(head) = audit_head::Entity::find().one(&self.connection).await? else { return Ok(KeptHead::default()) };
        Ok(KeptHead { size: small(head.size)?, tree_size: small(head.tree_size)?, edge: head.edge })
    }

    /// The next stored hashes of the tree under this head, from this position on, in order; none at the end.
    pub async fn nodes(&self, head: &KeptHead, from: u64) -> Result<Vec<Node>, StoreError> {
        let position = audit_nodes::Column::Position;
        let from = audit_nodes::Entity::find().filter(position.gte(tree::row_number(from)));
        let below = position.lt(tree::row_number(node_count(head.tree_size)));
        let nodes = from.filter(below).order_by_asc(position).limit(NODES);
        nodes.all(&self.connection).await?.into_iter().map(tree::node).collect()
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
