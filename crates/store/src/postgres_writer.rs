//! Writing to PostgreSQL: each change is a transaction of its own, in a task of its own, so that a caller that goes away cannot cancel a
//! commit; alerts that wait are taken as a group by one task. Replicas take turns at ingestion by an advisory lock, so that alerts
//! that arrive at two of them at once still find each other.

use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, mpsc, oneshot};

use crate::error::StoreError;
use crate::ingestion::{IngestRequest, Ingested, Posted, ingest_group};
use crate::store::Surroundings;
use crate::write::{Change, Done, GROUP_MAX, Heads, Tx, WRITE_QUEUE_MAX};

/// The advisory lock under which replicas ingest, one group after another.
const INGESTION_LOCK: i64 = 0x636f_756e_7465_7202;
/// The advisory lock under which replicas bring the schema up to date.
const MIGRATION_LOCK: i64 = 0x636f_756e_7465_7201;
/// All permits: what closing waits for.
const PERMITS: u32 = WRITE_QUEUE_MAX as u32;

/// The way to the pool, with a limit on what may wait.
pub(crate) struct PostgresWriter {
    session: Session,
    places: Arc<Semaphore>,
    alerts: mpsc::Sender<Placed>,
}

/// An alert and the place that it takes up until it is answered.
type Placed = (Posted, OwnedSemaphorePermit);

#[derive(Clone)]
struct Session {
    pool: DatabaseConnection,
    surroundings: Arc<dyn Surroundings>,
    heads: Heads,
}

impl PostgresWriter {
    pub(crate) fn start(pool: DatabaseConnection, surroundings: Arc<dyn Surroundings>, heads: Heads) -> Self {
        let session = Session { pool, surroundings, heads };
        let (alerts, waiting) = mpsc::channel(WRITE_QUEUE_MAX);
        tokio::spawn(session.clone().ingest_groups(waiting));
        Self { session, places: Arc::new(Semaphore::new(WRITE_QUEUE_MAX)), alerts }
    }

    pub(crate) fn submit(&self, change: Box<dyn Change>) {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => {
                let session = self.session.clone();
                tokio::spawn(async move {
                    session.write(change).await;
                    drop(place);
                });
            }
            Err(TryAcquireError::NoPermits) => change.refuse(StoreError::Overloaded),
            Err(TryAcquireError::Closed) => change.refuse(StoreError::Closed),
        }
    }

    pub(crate) fn ingest(&self, request: IngestRequest, reply: oneshot::Sender<Result<Ingested, StoreError>>) {
        let posted = Posted { request, reply };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let error = if self.places.is_closed() { StoreError::Closed } else { StoreError::Overloaded };
            return posted.refuse(error);
        };
        if let Err(refused) = self.alerts.try_send((posted, place)) {
            let (posted, _) = refused.into_inner();
            posted.refuse(StoreError::Overloaded);
        }
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let tx = Tx::begin(&self.session.pool, &self.session.surroundings).await?;
        lock(&tx, MIGRATION_LOCK).await?;
        let migrated = Migrator::up(&self.session.pool, None).await;
        tx.rollback().await?;
        Ok(migrated?)
    }

    /// Waits for everything under way, and refuses what comes later.
    pub(crate) async fn close(&self) {
        if let Ok(all) = self.places.acquire_many(PERMITS).await {
            self.places.close();
            drop(all);
        }
    }
}

impl Session {
    async fn write(&self, change: Box<dyn Change>) {
        let tx = match Tx::begin(&self.pool, &self.surroundings).await {
            Ok(tx) => tx,
            Err(error) => return change.refuse(error),
        };
        let Done { keep, answer } = change.run(tx.clone()).await;
        answer(self.end(tx, keep).await);
    }

    async fn end(&self, tx: Tx, keep: bool) -> Result<(), StoreError> {
        if !keep {
            return tx.rollback().await;
        }
        let size = tx.commit().await?;
        self.heads.raise(size);
        Ok(())
    }

    async fn ingest_groups(self, mut waiting: mpsc::Receiver<Placed>) {
        let mut group = Vec::new();
        while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
            self.ingest_together(std::mem::take(&mut group)).await;
        }
    }

    /// All alerts in one transaction; only if that fails, one by one, so that a bad one harms only itself.
    async fn ingest_together(&self, alerts: Vec<Placed>) {
        let (alerts, places): (Vec<_>, Vec<_>) = alerts.into_iter().unzip();
        let (requests, replies) = Posted::split(alerts);
        let results = match self.ingest(&requests).await {
            Ok(ingested) => ingested.into_iter().map(Ok).collect(),
            Err(error) if requests.len() == 1 => vec![Err(error)],
            Err(_) => self.ingest_one_by_one(&requests).await,
        };
        for (reply, result) in replies.into_iter().zip(results) {
            let _ = reply.send(result);
        }
        drop(places);
    }

    async fn ingest_one_by_one(&self, requests: &[IngestRequest]) -> Vec<Result<Ingested, StoreError>> {
        let mut results = Vec::with_capacity(requests.len());
        for request in requests {
            let result = self.ingest(std::slice::from_ref(request)).await;
            results.push(result.and_then(|mut ingested| ingested.pop().ok_or(StoreError::Abandoned)));
        }
        results
    }

    async fn ingest(&self, requests: &[IngestRequest]) -> Result<Vec<Ingested>, StoreError> {
        let tx = Tx::begin(&self.pool, &self.surroundings).await?;
        lock(&tx, INGESTION_LOCK).await?;
        let ingested = ingest_group(&tx, requests).await;
        let ended = self.end(tx, ingested.is_ok()).await;
        ended.and(ingested)
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
