//! The table of work.

use std::collections::BTreeSet;

use futures::future::join_all;
use sea_orm::ConnectionTrait;
use store::{NewJob, Store, StoreError};

use crate::fixture::{Fixture, on_both};
use crate::scene::write;

on_both! {
    a_job_is_claimed_when_it_is_due
    a_job_is_claimed_by_one_worker
    a_worker_that_lost_its_lease_cannot_write
    a_job_can_be_given_back
    leases_can_be_released_at_the_start
    a_job_that_nobody_needs_is_called_off
}

const LEASE_MS: i64 = 60_000;

async fn enqueue(store: &Store, subject: &str, after_ms: i64) -> i64 {
    let run_after = store.now().await.unwrap().plus_ms(after_ms);
    let job = NewJob { kind: "execute_run".to_owned(), subject: subject.to_owned(), run_after };
    write(store, move |tx| async move { tx.jobs().enqueue(&job).await }).await.unwrap()
}

async fn end_leases(fixture: &Fixture) {
    let plain = fixture.plain().await;
    plain.execute_unprepared("UPDATE jobs SET lease_until = 1, run_after = 1 WHERE lease_until IS NOT NULL").await.unwrap();
    plain.close().await.unwrap();
}

async fn a_job_is_claimed_when_it_is_due(fixture: &Fixture) {
    let store = &fixture.store;
    assert!(!store.jobs().is_due().await.unwrap());
    assert_eq!(store.claim_job("worker", LEASE_MS).await.unwrap(), None);
    enqueue(store, "later", 3_600_000).await;
    let second = enqueue(store, "second", -1_000).await;
    let first = enqueue(store, "first", -2_000).await;
    let claimed = store.claim_job("worker", LEASE_MS).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.kind.as_str(), claimed.subject.as_str()), (first, "execute_run", "first"));
    assert_eq!((claimed.fence, claimed.attempts), (1, 1));
    assert_eq!(store.claim_job("worker", LEASE_MS).await.unwrap().unwrap().id, second);
    assert_eq!(store.claim_job("worker", LEASE_MS).await.unwrap(), None);
    assert!(!store.jobs().is_due().await.unwrap(), "the next thing to happen is the end of a lease");
    end_leases(fixture).await;
    assert!(store.jobs().is_due().await.unwrap());
    write(store, move |tx| async move { tx.jobs().finish(&claimed).await }).await.unwrap();
    assert_eq!(store.jobs().count().await.unwrap(), 2);
}

async fn a_job_is_claimed_by_one_worker(fixture: &Fixture) {
    const JOBS: usize = 30;
    for job in 0..JOBS {
        enqueue(&fixture.store, &job.to_string(), -1_000).await;
    }
    let claims = join_all((0..JOBS + 5).map(|_| fixture.store.claim_job("worker", LEASE_MS))).await;
    let claimed: Vec<i64> = claims.into_iter().filter_map(|claim| claim.unwrap()).map(|job| job.id).collect();
    assert_eq!(claimed.len(), claimed.iter().collect::<BTreeSet<_>>().len(), "no job twice");
    // On PostgreSQL a worker passes over rows that another one is just claiming, so one more look may be needed.
    let mut rest = 0;
    while fixture.store.claim_job("worker", LEASE_MS).await.unwrap().is_some() {
        rest += 1;
    }
    assert_eq!(claimed.len() + rest, JOBS);
}

async fn a_worker_that_lost_its_lease_cannot_write(fixture: &Fixture) {
    let store = &fixture.store;
    enqueue(store, "one", -1_000).await;
    let slow = store.claim_job("slow", LEASE_MS).await.unwrap().unwrap();
    store.heartbeat_job(&slow, LEASE_MS).await.unwrap();
    end_leases(fixture).await;
    let quick = store.claim_job("quick", LEASE_MS).await.unwrap().unwrap();
    assert_eq!((quick.id, quick.fence, quick.attempts), (slow.id, 2, 2));
    assert_eq!(store.heartbeat_job(&slow, LEASE_MS).await, Err(StoreError::LostLease));
    assert_eq!(store.finish_job(&slow).await, Err(StoreError::LostLease));
    assert_eq!(store.retry_job_later(&slow, fixture.now()).await, Err(StoreError::LostLease));
    let late = write(store, move |tx| async move { tx.jobs().finish(&slow).await }).await;
    assert_eq!(late, Err(StoreError::LostLease));
    store.finish_job(&quick).await.unwrap();
    assert_eq!(store.jobs().count().await.unwrap(), 0);
}

async fn a_job_can_be_given_back(fixture: &Fixture) {
    let store = &fixture.store;
    enqueue(store, "one", -1_000).await;
    let job = store.claim_job("worker", LEASE_MS).await.unwrap().unwrap();
    let soon = store.now().await.unwrap().plus_ms(3_600_000);
    store.retry_job_later(&job, soon).await.unwrap();
    assert!(!store.jobs().is_due().await.unwrap());
    assert_eq!(store.claim_job("worker", LEASE_MS).await.unwrap(), None);
}

async fn leases_can_be_released_at_the_start(fixture: &Fixture) {
    let store = &fixture.store;
    enqueue(store, "one", -1_000).await;
    let before = store.claim_job("worker", LEASE_MS).await.unwrap().unwrap();
    store.release_all_leases().await.unwrap();
    let after = store.claim_job("worker", LEASE_MS).await.unwrap().unwrap();
    assert_eq!((after.id, after.fence), (before.id, before.fence + 1));
}

async fn a_job_that_nobody_needs_is_called_off(fixture: &Fixture) {
    let store = &fixture.store;
    for subject in ["one", "two"] {
        enqueue(store, subject, -1_000).await;
    }
    write(store, |tx| async move { tx.jobs().call_off("another kind", "two").await }).await.unwrap();
    assert_eq!(store.jobs().count().await.unwrap(), 2);
    write(store, |tx| async move { tx.jobs().call_off("execute_run", "one").await }).await.unwrap();
    assert_eq!(store.claim_job("worker", LEASE_MS).await.unwrap().unwrap().subject, "two");
}
