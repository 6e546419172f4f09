//! The only way to change anything: a change gets a `Tx`, runs in a transaction, and returns its value together with its audit
//! entries, which are written in the same transaction. The caller is answered after the commit. How transactions are grouped on
//! SQLite is in `sqlite_writer`, how they run on PostgreSQL in `postgres_writer`.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::audit::{AuditAction, EntryDraft, Origin};
use domain::idempotency::{Claim, KeptAnswer};
use domain::timestamp::Timestamp;
use futures::FutureExt;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{oneshot, watch};

use crate::batch::Batch;
use crate::clock;
use crate::error::StoreError;
use crate::ingestion::{Posting, Results};
use crate::postgres_writer::PostgresWriter;
use crate::sqlite_writer::SqliteWriter;
use crate::store::{Store, Surroundings};

/// Changes that share one transaction.
pub const GROUP_MAX: usize = 512;
/// The bytes of a change whose size does not matter beside the number of changes that may wait.
const SMALL: usize = 0;
/// How long one change may take; it holds up all others.
const CHANGE_TIME_MAX: Duration = Duration::from_secs(10);

/// A value together with the audit entries of the change that made it.
#[derive(Debug)]
pub struct Trail<T> {
    value: T,
    entries: Option<Vec<EntryDraft>>,
    kept: Option<(Arc<Claim>, KeptAnswer)>,
}

impl<T> Trail<T> {
    /// The change and its entries. No entries at all are refused as [`StoreError::NoTrail`].
    pub fn new(value: T, entries: Vec<EntryDraft>) -> Self {
        Self { value, entries: Some(entries), kept: None }
    }

    /// The value and the entries; none if nothing was changed.
    pub fn into_parts(self) -> (T, Vec<EntryDraft>) {
        (self.value, self.entries.unwrap_or_default())
    }

    /// The same change with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Trail<U> {
        Trail { value: change(self.value), entries: self.entries, kept: self.kept }
    }

    /// Nothing was changed after all: whatever the closure wrote is rolled back, and its value returned.
    pub fn unchanged(value: T) -> Self {
        Self { value, entries: None, kept: None }
    }

    /// What the caller is answered, kept with the change if the request may be repeated.
    #[must_use]
    pub fn answering(self, origin: &Origin, answer: impl FnOnce(&T) -> KeptAnswer) -> Self {
        let kept = origin.claim.as_ref().map(|claim| (Arc::clone(claim), answer(&self.value)));
        Self { kept, ..self }
    }
}

/// Why a change needs no audit entry. The list is short on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrailed {
    /// Which worker does which job, until when, and that it is done.
    JobClaim,
    /// Browser sessions.
    Session,
    /// What a repeated request was answered, once nobody may repeat it any more.
    KeptAnswer,
    /// When a key was last used, how often an alert was repeated.
    Counter,
    /// Pieces of a file that is being received; its entry comes when it is on record.
    Upload,
    /// What is made anew from rows that are on record.
    Backfill,
    /// Entries from before there was a tree over the log are taken into it.
    LogTree,
    /// A signed head of the log, which says nothing that the log does not.
    LogHead,
    /// How far the log was followed.
    LogFollowed,
    /// That a message of Countersign itself was sent; that it was queued has an entry.
    NotificationSent,
    /// Which outbox has a message, and that its file is written; what it is sent for has entries of its own.
    OutboxMessage,
    /// Nothing is written: is the writer alive?
    Check,
}

/// An open transaction in which a change reads and writes.
#[derive(Clone)]
pub struct Tx {
    inner: Arc<TxInner>,
}

struct TxInner {
    transaction: DatabaseTransaction,
    surroundings: Arc<dyn Surroundings>,
    /// The size of the audit log after the last entries that were appended here; 0 for none.
    head: AtomicI64,
    /// What the entries that were appended here record.
    actions: Mutex<Vec<AuditAction>>,
}

impl Tx {
    pub(crate) async fn begin(connection: &DatabaseConnection, surroundings: &Arc<dyn Surroundings>) -> Result<Self, StoreError> {
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
        let transaction = connection.begin_with_options(options).await?;
        let inner =
            TxInner { transaction, surroundings: Arc::clone(surroundings), head: AtomicI64::new(0), actions: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Commits, and says what became of the audit log.
    pub(crate) async fn commit(self) -> Result<Committed, StoreError> {
        let inner = Arc::into_inner(self.inner).ok_or(StoreError::Abandoned)?;
        inner.transaction.commit().await?;
        let actions = inner.actions.into_inner().unwrap_or_else(PoisonError::into_inner);
        inner.surroundings.recorded(&actions);
        Ok(Committed { head: inner.head.into_inner(), logged: !actions.is_empty() })
    }

    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        let inner = Arc::into_inner(self.inner).ok_or(StoreError::Abandoned)?;
        Ok(inner.transaction.rollback().await?)
    }

    /// The time now by the database's clock: what decides about expiry and leases.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        clock::now(self.connection()).await
    }

    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.inner.transaction
    }

    pub(crate) fn surroundings(&self) -> &dyn Surroundings {
        self.inner.surroundings.as_ref()
    }

    /// Writes entries at the end of the log; on PostgreSQL they get their places there once this is committed.
    pub(crate) async fn append(&self, entries: Vec<EntryDraft>) -> Result<(), StoreError> {
        self.send_with(|_| Ok(entries.into_iter())).await
    }

    /// The same, together with other writes that come before. On SQLite the writes are made while the end of the log is asked for, and the entries
    /// while the writes are on their way.
    pub(crate) async fn send_with<E>(&self, make: impl FnOnce(&mut Writes<'_>) -> Result<E, StoreError>) -> Result<(), StoreError>
    where
        E: Iterator<Item = EntryDraft>,
    {
        let mut batch = Batch::on(self.connection());
        if !self.surroundings().keeps_log() {
            make(&mut batch)?;
            return batch.send().await;
        }
        let audit = self.audit();
        let actions = if self.connection().get_database_backend() == DbBackend::Postgres {
            let mut actions = Vec::new();
            let entries = make(&mut batch)?.inspect(|entry| actions.push(entry.action));
            audit.hold(&mut batch, entries)?;
            batch.send().await?;
            actions
        } else {
            let (head, entries) = futures::join!(audit.lock_head(), async { make(&mut batch) });
            let appended = audit.append(head?, batch, entries?).await?;
            if !appended.actions.is_empty() {
                self.inner.head.store(appended.size, Ordering::Relaxed);
            }
            appended.actions
        };
        self.inner.actions.lock().unwrap_or_else(PoisonError::into_inner).extend(actions);
        Ok(())
    }
}

/// Writes of a transaction that are sent together.
pub(crate) type Writes<'a> = Batch<'a, DatabaseTransaction>;

/// What became of the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// Its size after the entries that were placed in this transaction; 0 for none.
    pub head: i64,
    /// Are there entries at all, placed or not?
    pub logged: bool,
}

/// A change that waits for its transaction.
#[async_trait]
pub(crate) trait Change: Send {
    /// Does it, all but the commit.
    async fn run(self: Box<Self>, tx: Tx) -> Done;
    /// Answers that it was not done.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// A change that ran.
pub(crate) struct Done {
    /// Whether its writes stay; they are rolled back if not.
    pub keep: bool,
    /// Answers its caller, once the outcome of the commit is known.
    pub answer: Answer,
}

pub(crate) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Where changes go, one kind of writer for each database.
pub(crate) enum Writer {
    Sqlite(SqliteWriter),
    Postgres(PostgresWriter),
}

impl Writer {
    fn submit(&self, change: Box<dyn Change>, bytes: usize) {
        match self {
            Self::Sqlite(writer) => writer.submit(change, bytes),
            Self::Postgres(writer) => writer.submit(change, bytes),
        }
    }

    pub(crate) async fn ingest(&self, posting: Posting) -> Result<Results, StoreError> {
        let (reply, answer) = oneshot::channel();
        match self {
            Self::Sqlite(writer) => writer.ingest(posting, reply),
            Self::Postgres(writer) => writer.ingest(posting, reply),
        }
        answer.await.unwrap_or(Err(StoreError::Abandoned))
    }

    pub(crate) fn waiting(&self) -> usize {
        match self {
            Self::Sqlite(writer) => writer.waiting(),
            Self::Postgres(writer) => writer.waiting(),
        }
    }
}

/// Tells followers how large the audit log has become.
#[derive(Clone)]
pub(crate) struct Heads(watch::Sender<i64>);

impl Default for Heads {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Heads {
    pub(crate) fn raise(&self, size: i64) {
        self.0.send_if_modified(|head| {
            let grew = size > *head;
            *head = size.max(*head);
            grew
        });
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

impl Store {
    /// Runs a change in a transaction, writes its audit entries with it, and answers after the commit. If the change returns an
    /// error, or the commit fails, nothing of it stays.
    pub async fn write<T, E, F, Fut>(&self, change: F) -> Result<T, E>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Trail<T>, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.enqueue(SMALL, move |tx: Tx| async move {
            let Trail { value, entries, kept } = change(tx.clone()).await?;
            let Some(entries) = entries else { return Ok((value, Keep::Nothing)) };
            if entries.is_empty() {
                return Err(StoreError::NoTrail.into());
            }
            if let Some((claim, answer)) = kept {
                tx.kept_answers().insert(&claim, &answer).await?;
            }
            tx.append(entries).await?;
            Ok((value, Keep::Writes))
        })
        .await
    }

    /// Runs a change that needs no audit entry, for one of the few reasons there are.
    pub async fn write_untrailed<T, E, F, Fut>(&self, reason: Untrailed, change: F) -> Result<T, E>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_untrailed_bytes(reason, SMALL, change).await
    }

    /// The same for a change that holds so many bytes while it waits.
    pub(crate) async fn write_untrailed_bytes<T, E, F, Fut>(&self, reason: Untrailed, bytes: usize, change: F) -> Result<T, E>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        tracing::trace!(?reason, "untrailed change");
        self.enqueue(bytes, move |tx: Tx| async move { Ok((change(tx).await?, Keep::Writes)) }).await
    }

    async fn enqueue<T, E, F, Fut>(&self, bytes: usize, run: F) -> Result<T, E>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(T, Keep), E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.writer().submit(Box::new(Waiting { run, reply }), bytes);
        answer.await.unwrap_or_else(|_| Err(StoreError::Abandoned.into()))
    }
}

enum Keep {
    Writes,
    Nothing,
}

struct Waiting<F, T, E> {
    run: F,
    reply: oneshot::Sender<Result<T, E>>,
}

#[async_trait]
impl<F, Fut, T, E> Change for Waiting<F, T, E>
where
    F: FnOnce(Tx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(T, Keep), E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    async fn run(self: Box<Self>, tx: Tx) -> Done {
        let Self { run, reply } = *self;
        let running = tokio::time::timeout(CHANGE_TIME_MAX, async move { run(tx).await });
        let (result, keep) = match AssertUnwindSafe(running).catch_unwind().await {
            Ok(Ok(Ok((value, keep)))) => (Ok(value), matches!(keep, Keep::Writes)),
            Ok(Ok(Err(error))) => (Err(error), false),
            Ok(Err(_)) | Err(_) => (Err(StoreError::Abandoned.into()), false),
        };
        let answer = move |committed: Result<(), StoreError>| {
            // A caller that went away needs no answer.
            let _ = reply.send(committed.map_err(E::from).and(result));
        };
        Done { keep, answer: Box::new(answer) }
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error.into()));
    }
}
