//! The one writer of a SQLite file: a task on a thread of its own that takes what is waiting, runs it in one immediate transaction, each change
//! in a savepoint and all alerts together in one, and answers everyone after the one commit. It owns the commit, so a caller that goes away
//! cannot cancel it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread;

use futures::FutureExt;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use crate::connection::{Access, StatementCounter, open_sqlite};
use crate::error::StoreError;
use crate::ingestion::{Posted, Posting, Reply, ingest_group};
use crate::measure::Measured;
use crate::places::{Place, Places};
use crate::schema::is_behind;
use crate::store::Surroundings;
use crate::write::{Answer, Change, Done, GROUP_MAX, Heads, Tx};

enum Work {
    Change(Box<dyn Change>, Place),
    Posted(Box<Posted>),
    Close(oneshot::Sender<()>),
}

/// The queue in front of the writer's task; `places` bounds it.
pub(crate) struct SqliteWriter {
    queue: mpsc::UnboundedSender<Work>,
    places: Places,
}

impl SqliteWriter {
    pub(crate) async fn open(
        url: &str,
        surroundings: Arc<dyn Surroundings>,
        heads: Heads,
        statements: StatementCounter,
    ) -> Result<Self, StoreError> {
        let connection = open_sqlite(url, Access::Write, &statements).await?;
        let (queue, waiting) = mpsc::unbounded_channel();
        let places = Places::new();
        let task = WriterTask {
            url: url.to_owned(),
            connection: Some(connection),
            surroundings,
            heads,
            statements,
            places: places.clone(),
        };
        spawn(task.run(waiting))?;
        Ok(Self { queue, places })
    }

    pub(crate) fn submit(&self, change: Box<dyn Change>, bytes: usize) {
        match self.places.take(1, bytes) {
            Ok(place) => self.enqueue(Work::Change(change, place)),
            Err(error) => change.refuse(error),
        }
    }

    pub(crate) fn ingest(&self, posting: Posting, reply: Reply) {
        if let Some(posted) = Posted::queued(posting, &self.places, reply) {
            self.enqueue(Work::Posted(Box::new(posted)));
        }
    }

    /// How many changes wait now.
    pub(crate) fn waiting(&self) -> usize {
        self.places.taken()
    }

    fn enqueue(&self, work: Work) {
        match self.queue.send(work) {
            Err(mpsc::error::SendError(Work::Change(change, _))) => change.refuse(StoreError::Closed),
            Err(mpsc::error::SendError(Work::Posted(posted))) => posted.refuse(StoreError::Closed),
            _ => {}
        }
    }

    /// Brings the schema up to date, over a connection of its own.
    pub(crate) async fn migrate(url: &str) -> Result<(), StoreError> {
        let connection = open_sqlite(url, Access::Migrate, &StatementCounter::default()).await?;
        if is_behind(&connection).await? {
            Migrator::up(&connection, None).await?;
        }
        Ok(connection.close().await?)
    }

    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Work::Close(reply)).is_ok() {
            // An error means that the task has ended already.
            let _ = closed.await;
        }
    }
}

/// The stack of the writer's thread, as large as those that requests run on; only what is touched takes memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Gives the writer a thread of its own: everybody waits for it, so it must not wait behind everybody's requests.
fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Result<(), StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let started = runtime.and_then(|runtime| {
        thread::Builder::new().name("writer".to_owned()).stack_size(STACK_BYTES).spawn(move || runtime.block_on(work))
    });
    started.map(drop).map_err(|error| StoreError::Database(format!("the writer could not be started: {error}")))
}

struct WriterTask {
    url: String,
    /// None after a failure: the next group starts on a new connection, whatever state the old one was in.
    connection: Option<DatabaseConnection>,
    surroundings: Arc<dyn Surroundings>,
    heads: Heads,
    statements: StatementCounter,
    places: Places,
}

#[derive(Default)]
struct Group {
    changes: Vec<Box<dyn Change>>,
    postings: Vec<Posting>,
    replies: Vec<Reply>,
    close: Vec<oneshot::Sender<()>>,
}

impl Group {
    /// Takes it out of the queue, so that its place is free.
    fn add(&mut self, work: Work) {
        match work {
            Work::Change(change, place) => {
                drop(place);
                self.changes.push(change);
            }
            Work::Posted(posted) => {
                self.postings.push(posted.posting);
                self.replies.push(posted.reply);
            }
            Work::Close(reply) => self.close.push(reply),
        }
    }

    /// Changes and alerts in it.
    fn len(&self) -> usize {
        self.changes.len() + self.postings.iter().map(|posting| posting.requests.len()).sum::<usize>()
    }

    /// Is there nothing to do? A posting without alerts has an answer to be kept nevertheless.
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.postings.is_empty()
    }

    fn refuse(self, error: &StoreError) {
        self.changes.into_iter().for_each(|change| change.refuse(error.clone()));
        refuse_all(self.replies, error);
    }
}

fn refuse_all(replies: Vec<Reply>, error: &StoreError) {
    for reply in replies {
        // A caller that went away needs no answer.
        let _ = reply.send(Err(error.clone()));
    }
}

impl WriterTask {
    async fn run(mut self, mut waiting: mpsc::UnboundedReceiver<Work>) {
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
                self.places.close_now();
                waiting.close();
                closing.append(&mut group.close);
            }
            if !group.is_empty() && AssertUnwindSafe(self.write(group)).catch_unwind().await.is_err() {
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
        let measured = Measured::start(group.len());
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
            Ok(committed) => {
                self.heads.raise(committed.head);
                measured.committed();
            }
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
        refuse_all(group.replies, error);
        return broken;
    }
    ingest_together(tx, (&group.postings, group.replies), answers).await
}

async fn run_one(tx: &Tx, change: Box<dyn Change>, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    if let Err(error) = tx.savepoint().await {
        change.refuse(error.clone());
        return Err(error);
    }
    let Done { keep, answer } = change.run(tx.clone()).await;
    answers.push(answer);
    if keep { tx.release().await } else { tx.roll_back().await }
}

async fn ingest_together(tx: &Tx, group: (&[Posting], Vec<Reply>), answers: &mut Vec<Answer>) -> Result<(), StoreError> {
    let (postings, replies) = group;
    if postings.is_empty() {
        return Ok(());
    }
    match ingest_group(tx, postings).await {
        Ok(outcomes) => {
            let answered = replies
                .into_iter()
                .zip(outcomes)
                .map(|(reply, outcome)| -> Answer { Box::new(move |committed| drop(reply.send(committed.and(outcome)))) });
            answers.extend(answered);
            Ok(())
        }
        Err(error) => {
            refuse_all(replies, &error);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests;
