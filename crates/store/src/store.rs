//! The store itself: opening and closing it, its schema, and what it needs from its surroundings. How changes are made is in `write`;
//! what can be read and changed stands with each noun.

use std::sync::Arc;

use domain::audit::AuditAction;
use domain::timestamp::Timestamp;
use sea_orm::DatabaseConnection;
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock;
use crate::connection::{Access, StatementCounter, open_postgres, open_sqlite};
use crate::error::StoreError;
use crate::postgres_writer::PostgresWriter;
use crate::sqlite_writer::SqliteWriter;
use crate::write::{Heads, Untrailed, Writer};

/// Entries that are checked and taken into the tree in one transaction.
const PLANTED_AT_ONCE: u64 = 2_000;

/// What the store takes from outside: the time, new ids and randomness.
pub trait Surroundings: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// A new UUID, version 7.
    fn uuid(&self) -> Uuid;
    /// Sixteen random bytes.
    fn salt(&self) -> [u8; 16];
    /// Entries that record these were committed, in this order.
    fn recorded(&self, _actions: &[AuditAction]) {}
    /// Is there a log at all? Only a build for benchmarks does without, to find out what it costs.
    fn keeps_log(&self) -> bool {
        true
    }
    /// Entries have their places in the log, and that is not committed yet.
    fn placing(&self) {}
}

/// The database. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    reads: DatabaseConnection,
    writer: Writer,
    heads: Heads,
    statements: StatementCounter,
}

impl Store {
    /// Opens `sqlite://PATH` (the file is made if it is not there) or `postgres://…`. The schema is left as it is.
    pub async fn open(url: &str, surroundings: Arc<dyn Surroundings>) -> Result<Self, StoreError> {
        let statements = StatementCounter::default();
        let heads = Heads::default();
        let (reads, writer) = if url.starts_with("sqlite:") {
            let writer = SqliteWriter::open(url, surroundings, heads.clone(), statements.clone()).await?;
            (open_sqlite(url, Access::Read, &statements).await?, Writer::Sqlite(writer))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = open_postgres(url, &statements).await?;
            (pool.clone(), Writer::Postgres(PostgresWriter::start(pool, surroundings, heads.clone())))
        } else {
            return Err(StoreError::Misconfigured("the database URL must start with sqlite:// or postgres://".to_owned()));
        };
        Ok(Self { inner: Arc::new(Inner { url: url.to_owned(), reads, writer, heads, statements }) })
    }

    /// Brings the schema up to date, and a log from before there was a tree over it into the tree. Replicas that start together do it one
    /// after another.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.inner.writer {
            Writer::Sqlite(_) => SqliteWriter::migrate(&self.inner.url).await,
            Writer::Postgres(writer) => writer.migrate().await,
        }?;
        let mut planted = 0;
        loop {
            let more =
                self.write_untrailed(Untrailed::LogTree, |tx| async move { tx.audit().plant(PLANTED_AT_ONCE).await }).await?;
            if more == 0 {
                return Ok::<_, StoreError>(());
            }
            planted += more;
            tracing::info!(planted, "entries of the audit log are taken into its tree");
        }
    }

    /// Is the database there, does it answer, and does it accept changes?
    pub async fn check(&self) -> Result<(), StoreError> {
        clock::now(&self.inner.reads).await?;
        self.write_untrailed(Untrailed::Check, |tx| async move { clock::now(tx.connection()).await }).await.map(|_: Timestamp| ())
    }

    /// The time now by the database's clock.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        clock::now(&self.inner.reads).await
    }

    /// The size of the audit log after each commit of this process. Other replicas' commits show up only by reading.
    #[must_use]
    pub fn head_changes(&self) -> watch::Receiver<i64> {
        self.inner.heads.subscribe()
    }

    /// Waits until every entry that was committed before this call has its place in the log, whichever replica committed it.
    pub async fn catch_up_log(&self) -> Result<(), StoreError> {
        match &self.inner.writer {
            Writer::Sqlite(_) => Ok(()),
            Writer::Postgres(writer) => writer.catch_up().await,
        }
    }

    /// How many statements went to the database so far; savepoints and commits are not counted.
    #[must_use]
    pub fn statement_count(&self) -> u64 {
        self.inner.statements.count()
    }

    /// How many changes wait to be written now.
    #[must_use]
    pub fn waiting_changes(&self) -> usize {
        self.inner.writer.waiting()
    }

    /// Does this store use SQLite, and so one machine?
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        matches!(self.inner.writer, Writer::Sqlite(_))
    }

    /// Finishes the changes that wait, refuses later ones and closes the connections.
    pub async fn close(&self) -> Result<(), StoreError> {
        match &self.inner.writer {
            Writer::Sqlite(writer) => writer.close().await,
            Writer::Postgres(writer) => writer.close().await,
        }
        Ok(self.inner.reads.clone().close().await?)
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    pub(crate) fn reads(&self) -> &DatabaseConnection {
        &self.inner.reads
    }
}
