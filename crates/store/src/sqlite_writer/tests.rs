//! What only the inside can bring about: a commit that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::IncidentId;
use domain::timestamp::Timestamp;
use sea_orm::ConnectionTrait;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::StoreError;
use crate::store::{Store, Surroundings};
use crate::write::{Trail, Tx, Untrailed};

struct Still(AtomicU64);

impl Surroundings for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(0)
    }

    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn salt(&self) -> [u8; 16] {
        [0; 16]
    }
}

async fn log(store: &Store, sql: &'static str) -> Result<(), StoreError> {
    store
        .write(move |tx: Tx| async move {
            tx.connection().execute_unprepared(sql).await?;
            let target = Target::incident(IncidentId::new(1));
            Ok(Trail::new((), vec![EntryDraft::new(&Origin::system(), AuditAction::IncidentUpdated, target)]))
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_answers_everyone_with_an_error_and_the_next_one_works() {
    const BROKEN: &str = "PRAGMA defer_foreign_keys = ON; INSERT INTO notes VALUES (1, 99, 'nobody', 'text', 0)";
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("countersign.db").display());
    let store = Store::open(&url, Arc::new(Still(AtomicU64::new(0)))).await.unwrap();
    store.migrate().await.unwrap();
    let (started, running) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let holder = store.clone();
    let holding = tokio::spawn(async move {
        let held = holder.write_untrailed::<(), StoreError, _, _>(Untrailed::Check, |_| async move {
            started.send(()).unwrap();
            released.await.unwrap();
            Ok(())
        });
        held.await.unwrap();
    });
    running.await.unwrap();
    // The three reach the queue, in this order, before the writer is let go.
    let group = async { tokio::join!(log(&store, "SELECT 1"), log(&store, BROKEN), log(&store, "SELECT 1")) };
    let (results, ()) = tokio::join!(group, async { release.send(()).unwrap() });
    holding.await.unwrap();
    for result in [results.0, results.1, results.2] {
        assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}");
    }
    assert_eq!(store.audit().size().await.unwrap(), 0);
    log(&store, "SELECT 1").await.unwrap();
    assert_eq!(store.audit().size().await.unwrap(), 1);
}
