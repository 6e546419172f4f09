//! The audit log as a database keeps it, for whoever does not trust what wrote it: read-only, without a server, and nothing left out.

use std::ops::Range;

use domain::audit::erasures::Erasures;
use domain::audit::verification::{LogFault, StoredEntry};
use sea_orm::{
    ColumnTrait, ConnectOptions, Database, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use transparency::{Node, node_count};

use crate::audit::tree;
use crate::entity::{audit_checkpoints, audit_head, audit_keys, audit_nodes, audit_pending};
use crate::error::StoreError;
use crate::guards::{self, GuardReport};
use crate::kept_details::{self, KeptErasures};
use crate::log_blocks;
use crate::rows::{json, small};
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

/// Connections that read side by side.
const CONNECTIONS: u32 = 4;

/// A log that is only read.
#[derive(Clone)]
pub struct KeptLog {
    connection: DatabaseConnection,
}

impl KeptLog {
    /// Opens the log in this database; a file that is not there is not made.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(CONNECTIONS)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|options| options.read_only(true).create_if_missing(false))
            .map_sqlx_postgres_opts(|options| options.options([("default_transaction_read_only", "on")]));
        Ok(Self { connection: Database::connect(options).await? })
    }

    /// The next entries from this `seq` on, in order; none at the end.
    pub async fn entries(&self, from: i64) -> Result<Vec<StoredEntry>, StoreError> {
        entries_from(&self.connection, from).await
    }

    /// The entries of a range, in order, as far as they are there.
    pub async fn entries_in(&self, range: Range<i64>) -> Result<Vec<StoredEntry>, StoreError> {
        log_blocks::entries_in(&self.connection, range).await
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

    /// The ids of the entries whose details were erased, as the database keeps them beside the log.
    pub async fn erasures(&self) -> Result<KeptErasures, StoreError> {
        kept_details::erasures(&self.connection).await
    }

    /// Entries that are committed and have no place yet, as they will be written.
    pub async fn pending(&self) -> Result<Vec<Value>, StoreError> {
        if self.connection.get_database_backend() == DbBackend::Sqlite {
            return Ok(Vec::new());
        }
        let drafts = audit_pending::Entity::find().select_only().column(audit_pending::Column::Draft);
        let drafts: Vec<String> = drafts.into_tuple().all(&self.connection).await?;
        drafts.iter().map(|draft| json(draft)).collect()
    }

    /// What is wrong with the details that are kept, and with the erasures that were kept before the log was read. So many details were found
    /// with their entries.
    pub async fn detail_faults(&self, found: u64, said: &Erasures, before: &KeptErasures) -> Result<Vec<LogFault>, StoreError> {
        kept_details::faults(&self.connection, found, said, before).await
    }

    /// How the guards of the database stand.
    pub async fn guards(&self) -> Result<GuardReport, StoreError> {
        guards::check(&self.connection).await
    }

    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }
}
