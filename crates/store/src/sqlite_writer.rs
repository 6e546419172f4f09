//! The one writer of a SQLite file: a task that takes what is waiting, runs it in one immediate transaction, each change in a savepoint
//! and all alerts together in one, and answers everyone after the one commit. It owns the commit, so a caller that goes away
//! cannot cancel it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use crate::connection::{Access, StatementCounter, open_sqlite};
use crate::error::StoreError;
use crate::ingestion::{IngestRequest, Ingested, Posted, ingest_group};
use crate::store::Surroundings;
use crate::write::{Answer, Change, Done, GROUP_MAX, Heads, Tx, WRITE_QUEUE_MAX};

enum Work {
    Change(Box<dyn Change>),
    Alert(Box<Posted>),
    Close(oneshot::Sender<()>),
}

/// The queue in front of the writer's task.
pub(crate) struct SqliteWriter {
    queue: mpsc::Sender<Work>,
}

impl SqliteWriter {
    pub(crate) async fn open(
        url: &str,
        surroundings: Arc<dyn Surroundings>,
        heads: Heads,
        statements: StatementCounter,
    ) -> Result<Self, StoreError> {
        let connection = open_sqlite(url, Access::Write, &statements).await?;
        let (queue, waiting) = mpsc::channel(WRITE_QUEUE_MAX);
        let task = WriterTask { url: url.to_owned(), connection: Some(connection), surroundings, heads, statements };
        tokio::spawn(task.run(waiting));
        Ok(Self { queue })
    }

    pub(crate) fn submit(&self, change: Box<dyn Change>) {
        match self.queue.try_send(Work::Change(change)) {
            Err(mpsc::error::TrySendError::Full(Work::Change(change))) => change.refuse(StoreError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(Work::Change(change))) => change.refuse(StoreError::Closed),
            _ => {}
        }
    }

    pub(crate) fn ingest(&self, request: IngestRequest, reply: oneshot::Sender<Result<Ingested, StoreError>>) {
        match self.queue.try_send(Work::Alert(Box::new(Posted { request, reply }))) {
            Err(mpsc::error::TrySendError::Full(Work::Alert(posted))) => posted.refuse(StoreError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(Work::Alert(posted))) => posted.refuse(StoreError::Closed),
            _ => {}
        }
    }

    /// Brings the schema up to date, over a connection of its own.
    pub(crate) async fn migrate(url: &str) -> Result<(), StoreError> {
        let connection = open_sqlite(url, Access::Write, &StatementCounter::default()).await?;
        Migrator::up(&connection, None).await?;
        Ok(connection.close().await?)
    }

    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Work::Close(reply)).await.is_ok() {
            // An error means that the task has ended already.
            let _ = closed.await;
        }
    }
}

struct WriterTask {
    url: String,
    /// None after a failure: the next group starts on a new connection, whatever state the old one was in.
    connection: Option<DatabaseConnection>,
    surroundings: Arc<dyn Surroundings>,
    heads: Heads,
    statements: StatementCounter,
}

#[derive(Default)]
struct Group {
    changes: Vec<Box<dyn Change>>,
    alerts: Vec<Posted>,
    close: Vec<oneshot::Sender<()>>,
}

impl Group {
    fn add(&mut self, work: Work) {
        match work {
            Work::Change(change) => self.changes.push(change),
            Work::Alert(posted) => self.alerts.push(*posted),
            Work::Close(reply) => self.close.push(reply),
        }
    }

    fn len(&self) -> usize {
        self.changes.len() + self.alerts.len()
    }

    fn refuse(self, error: &StoreError) {
        self.changes.into_iter().for_each(|change| change.refuse(error.clone()));
        self.alerts.into_iter().for_each(|posted| posted.refuse(error.clone()));
    }
}

impl WriterTask {
    async fn run(mut self, mut waiting: mpsc::Receiver<Work>) {
        let mut closing = Vec::new();
        while let Some(first) = waiting.recv().await {
            let mut group = Group::default();
            group.add(first);
            while group.len() < GROUP_MAX
                && let Ok(work) = waiting.try_recv()
            {
                group.add(work);
            }
            if !group.close.is_empty() {
                // What waits already is still done; what comes later is refused.
                waiting.close();
                closing.append(&mut group.close);
            }
            if group.len() > 0 && AssertUnwindSafe(self.write(group)).catch_unwind().await.is_err() {
                // Whoever waited in that group is answered by the loss of its reply.
                self.connection = None;
            }
        }
        if let Some(connection) = self.connection.take() {
            // What is in the write-ahead log is durable already; this only leaves one complete file behind.
            let _ = connection.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await;
            let _ = connection.close().await;
        }
        for reply in closing {
            let _ = reply.send(());
        }
    }

    async fn write(&mut self, group: Group) {
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => {
                tracing::error!(%error, "no transaction could be started");
                return group.refuse(&error);
            }
        };
        let mut answers = Vec::with_capacity(group.len());
        let worked = run_group(&tx, group, &mut answers).await;
        let committed = match worked {
            Ok(()) => tx.commit().await,
            Err(error) => Err(error),
        };
        match &committed {
            Ok(size) => self.heads.raise(*size),
            Err(error) => {
                tracing::error!(%error, "a group of {} changes was not committed", answers.len());
                self.connection = None;
            }
        }
        let committed = committed.map(|_| ());
        answers.into_iter().for_each(|answer| answer(committed.clone()));
    }

    async fn begin(&mut self) -> Result<Tx, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => open_sqlite(&self.url, Access::Write, &self.statements).await?,
        };
        let tx = Tx::begin(&connection, &self.surroundings).await?;
        self.connection = Some(connection);
        Ok(tx)
    }
}

/// Runs everything in the group. An error means that the transaction itself is broken, and nothing of it may stay.
async fn run_group(tx: &Tx, group: Group, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    let mut broken = Ok(());
    for change in group.changes {
        match broken {
            Ok(()) => broken = run_one(tx, change, answers).await,
            Err(ref error) => change.refuse(error.clone()),
        }
    }
    if let Err(error) = &broken {
        group.alerts.into_iter().for_each(|posted| posted.refuse(error.clone()));
        return broken;
    }
    ingest_together(tx, group.alerts, answers).await
}

async fn run_one(tx: &Tx, change: Box<dyn Change>, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    if let Err(error) = savepoint(tx).await {
        change.refuse(error.clone());
        return Err(error);
    }
    let Done { keep, answer } = change.run(tx.clone()).await;
    answers.push(answer);
    if keep { release(tx).await } else { roll_back(tx).await }
}

/// All alerts in one savepoint; only if that fails, one by one, so that a bad one harms only itself.
async fn ingest_together(tx: &Tx, alerts: Vec<Posted>, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    if alerts.is_empty() {
        return Ok(());
    }
    let (requests, replies) = Posted::split(alerts);
    let results = match ingest_in_savepoint(tx, &requests).await? {
        Ok(ingested) => ingested.into_iter().map(Ok).collect(),
        Err(error) if requests.len() == 1 => vec![Err(error)],
        Err(_) => ingest_one_by_one(tx, &requests).await?,
    };
    answers.extend(replies.into_iter().zip(results).map(|(reply, result)| answer(reply, result)));
    Ok(())
}

fn answer(reply: oneshot::Sender<Result<Ingested, StoreError>>, result: Result<Ingested, StoreError>) -> Answer {
    Box::new(move |committed| drop(reply.send(committed.and(result))))
}

async fn ingest_one_by_one(tx: &Tx, requests: &[IngestRequest]) -> Result<Vec<Result<Ingested, StoreError>>, StoreError> {
    let mut results = Vec::with_capacity(requests.len());
    for request in requests {
        let result = ingest_in_savepoint(tx, std::slice::from_ref(request)).await?;
        results.push(result.and_then(|mut ingested| ingested.pop().ok_or(StoreError::Abandoned)));
    }
    Ok(results)
}

async fn ingest_in_savepoint(tx: &Tx, requests: &[IngestRequest]) -> Result<Result<Vec<Ingested>, StoreError>, StoreError> {
    savepoint(tx).await?;
    let result = ingest_group(tx, requests).await;
    if result.is_ok() {
        release(tx).await?
    } else {
        roll_back(tx).await?
    }
    Ok(result)
}

async fn savepoint(tx: &Tx) -> Result<(), StoreError> {
    tx.connection().execute_unprepared("SAVEPOINT waiting").await?;
    Ok(())
}

async fn release(tx: &Tx) -> Result<(), StoreError> {
    tx.connection().execute_unprepared("RELEASE waiting").await?;
    Ok(())
}

async fn roll_back(tx: &Tx) -> Result<(), StoreError> {
    tx.connection().execute_unprepared("ROLLBACK TO waiting; RELEASE waiting").await?;
    Ok(())
}

#[cfg(test)]
mod tests;
