//! Writing to PostgreSQL: each change is a transaction of its own, in a task of its own, so that a caller that goes away cannot cancel a
//! commit; its entries get their places in the log right after it. Alerts that wait are taken as a group by one task. Replicas take turns at ingestion by an advisory lock, so that alerts
//! that arrive at two of them at once still find each other.

use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::sync::mpsc;

use crate::error::StoreError;
use crate::ingestion::{Posted, Posting, Reply, Results, ingest_group};
use crate::measure::Measured;
use crate::places::Places;
use crate::schema::is_behind;
use crate::sequencer::Sequencer;
use crate::store::Surroundings;
use crate::write::{Change, Done, GROUP_MAX, Heads, Tx};

/// The advisory lock under which replicas ingest, one group after another.
const INGESTION_LOCK: i64 = 0x636f_756e_7465_7202;
/// The advisory lock under which replicas bring the schema up to date.
const MIGRATION_LOCK: i64 = 0x636f_756e_7465_7201;

/// The way to the pool, with a limit on what may wait; a place is taken up until its change is answered.
pub(crate) struct PostgresWriter {
    session: Session,
    places: Places,
    postings: mpsc::UnboundedSender<Posted>,
}

#[derive(Clone)]
struct Session {
    pool: DatabaseConnection,
    surroundings: Arc<dyn Surroundings>,
    sequencer: Sequencer,
}

impl PostgresWriter {
    pub(crate) fn start(pool: DatabaseConnection, surroundings: Arc<dyn Surroundings>, heads: Heads) -> Self {
        let sequencer = Sequencer::start(pool.clone(), Arc::clone(&surroundings), heads);
        let session = Session { pool, surroundings, sequencer };
        let (postings, waiting) = mpsc::unbounded_channel();
        tokio::spawn(session.clone().ingest_groups(waiting));
        Self { session, places: Places::new(), postings }
    }

    pub(crate) fn submit(&self, change: Box<dyn Change>, bytes: usize) {
        match self.places.take(1, bytes) {
            Ok(place) => {
                let session = self.session.clone();
                tokio::spawn(async move {
                    session.write(change).await;
                    drop(place);
                });
            }
            Err(error) => change.refuse(error),
        }
    }

    pub(crate) fn ingest(&self, posting: Posting, reply: Reply) {
        if let Some(posted) = Posted::queued(posting, &self.places, reply)
            && let Err(mpsc::error::SendError(posted)) = self.postings.send(posted)
        {
            posted.refuse(StoreError::Closed);
        }
    }

    /// Waits until every entry that was committed before this call, on whatever replica, has its place in the log.
    pub(crate) async fn catch_up(&self) -> Result<(), StoreError> {
        self.session.sequencer.catch_up().await
    }

    /// How many changes wait or are under way now.
    pub(crate) fn waiting(&self) -> usize {
        self.places.taken()
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let tx = Tx::begin(&self.session.pool, &self.session.surroundings).await?;
        lock(&tx, MIGRATION_LOCK).await?;
        // A role that may not change the schema does not even look whether its own table is there.
        let migrated = match is_behind(&self.session.pool).await? {
            true => Migrator::up(&self.session.pool, None).await,
            false => Ok(()),
        };
        tx.rollback().await?;
        Ok(migrated?)
    }

    /// Waits for everything under way, and refuses what comes later.
    pub(crate) async fn close(&self) {
        self.places.close().await;
        self.session.sequencer.end();
    }
}

impl Session {
    async fn write(&self, change: Box<dyn Change>) {
        let tx = match Tx::begin(&self.pool, &self.surroundings).await {
            Ok(tx) => tx,
            Err(error) => return change.refuse(error),
        };
        let measured = Measured::start(1);
        let Done { keep, answer } = change.run(tx.clone()).await;
        let ended = self.end(tx, keep).await;
        if keep && ended.is_ok() {
            measured.committed();
        }
        answer(ended);
    }

    async fn end(&self, tx: Tx, keep: bool) -> Result<(), StoreError> {
        if !keep {
            return tx.rollback().await;
        }
        if tx.commit().await?.logged {
            // What is committed stays, whatever becomes of this: another pass places the entries, here or on another replica.
            let _ = self.sequencer.catch_up().await;
        }
        Ok(())
    }

    async fn ingest_groups(self, mut waiting: mpsc::UnboundedReceiver<Posted>) {
        while let Some(first) = waiting.recv().await {
            let mut alerts = first.posting.requests.len();
            let mut group = vec![first];
            while alerts < GROUP_MAX
                && let Ok(next) = waiting.try_recv()
            {
                alerts += next.posting.requests.len();
                group.push(next);
            }
            self.ingest_together(group).await;
        }
    }

    async fn ingest_together(&self, group: Vec<Posted>) {
        let (postings, replies) = Posted::split(group);
        let outcomes = self.ingest(&postings).await;
        let mut outcomes = outcomes.map(Vec::into_iter);
        for (reply, place) in replies {
            let outcome = match &mut outcomes {
                Ok(outcomes) => outcomes.next().unwrap_or(Err(StoreError::Abandoned)),
                Err(error) => Err(error.clone()),
            };
            // A caller that went away needs no answer.
            let _ = reply.send(outcome);
            drop(place);
        }
    }

    async fn ingest(&self, postings: &[Posting]) -> Result<Vec<Result<Results, StoreError>>, StoreError> {
        let measured = Measured::start(postings.iter().map(|posting| posting.requests.len()).sum());
        let tx = Tx::begin(&self.pool, &self.surroundings).await?;
        lock(&tx, INGESTION_LOCK).await?;
        let outcomes = ingest_group(&tx, postings).await;
        self.end(tx, outcomes.is_ok()).await?;
        measured.committed();
        outcomes
    }
}

/// Waits for an advisory lock, which ends with the transaction.
async fn lock(tx: &Tx, key: i64) -> Result<(), StoreError> {
    let connection = tx.connection();
    let statement =
        Statement::from_sql_and_values(connection.get_database_backend(), "SELECT pg_advisory_xact_lock($1)", [key.into()]);
    connection.query_one_raw(statement).await?;
    Ok(())
}
