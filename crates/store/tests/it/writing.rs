//! How changes are made: all or nothing, never without a trail, and each by itself even where many share a transaction.

use std::time::Duration;

use domain::access::Role;
use futures::future::join_all;
use store::{Store, StoreError, Trail, Tx, Untrailed, WRITE_QUEUE_MAX};

use crate::fixture::{Fixture, let_others_wait, on_both};
use crate::scene::{account, insert_person, user_id, write};

on_both! {
    a_change_without_entries_is_refused
    a_change_that_fails_leaves_nothing_behind
    an_unchanged_change_leaves_nothing_behind
    a_change_that_panics_leaves_nothing_behind
    one_that_goes_away_does_not_cancel_its_change
    a_poisonous_change_harms_only_itself
    waiting_changes_share_a_commit_on_sqlite
    overload_is_refused_on_sqlite
    a_closed_store_refuses_changes
}

async fn insert(tx: &Tx, username: &str) -> Result<(), StoreError> {
    insert_person(tx, &account(username, &[Role::Analyst])).await
}

async fn add(store: &Store, username: &'static str) -> Result<(), StoreError> {
    write(store, move |tx| async move { insert(&tx, username).await }).await
}

async fn is_there(store: &Store, username: &str) -> bool {
    store.users().find_by_username(username).await.unwrap().is_some()
}

async fn a_change_without_entries_is_refused(fixture: &Fixture) {
    let silent = fixture.store.write(|tx| async move {
        insert(&tx, "analyst").await?;
        Ok(Trail::new((), Vec::new()))
    });
    assert_eq!(silent.await, Err(StoreError::NoTrail));
    assert!(!is_there(&fixture.store, "analyst").await);
}

async fn a_change_that_fails_leaves_nothing_behind(fixture: &Fixture) {
    let failed: Result<(), StoreError> = fixture
        .store
        .write(|tx| async move {
            insert(&tx, "analyst").await?;
            Err(StoreError::Stale("something".to_owned()))
        })
        .await;
    assert_eq!(failed, Err(StoreError::Stale("something".to_owned())));
    assert!(!is_there(&fixture.store, "analyst").await);
    assert_eq!(fixture.store.audit().size().await.unwrap(), 0);
}

async fn an_unchanged_change_leaves_nothing_behind(fixture: &Fixture) {
    let value: Result<i32, StoreError> = fixture
        .store
        .write(|tx| async move {
            insert(&tx, "analyst").await?;
            Ok(Trail::unchanged(7))
        })
        .await;
    assert_eq!(value, Ok(7));
    assert!(!is_there(&fixture.store, "analyst").await);
}

async fn a_change_that_panics_leaves_nothing_behind(fixture: &Fixture) {
    let panicked: Result<(), StoreError> = fixture
        .store
        .write(|tx| async move {
            insert(&tx, "analyst").await?;
            panic!("a fault in a change");
        })
        .await;
    assert_eq!(panicked, Err(StoreError::Abandoned));
    assert!(!is_there(&fixture.store, "analyst").await);
    add(&fixture.store, "analyst").await.unwrap();
}

async fn one_that_goes_away_does_not_cancel_its_change(fixture: &Fixture) {
    let held = fixture.hold_writer().await;
    let leaving = tokio::time::timeout(Duration::from_millis(50), add(&fixture.store, "analyst")).await;
    let waited_in_vain = leaving.is_err();
    held.release().await;
    let_others_wait().await;
    assert!(waited_in_vain || !fixture.is_sqlite(), "on SQLite it had to wait");
    assert!(is_there(&fixture.store, "analyst").await);
}

async fn a_poisonous_change_harms_only_itself(fixture: &Fixture) {
    add(&fixture.store, "both").await.unwrap();
    let held = fixture.hold_writer().await;
    let store = &fixture.store;
    let panicking = write(store, |tx| async move {
        insert(&tx, "auditor").await?;
        if user_id("auditor") == user_id("auditor") {
            panic!("a fault in a change");
        }
        Ok(())
    });
    let (first, taken, panicked, last, ()) =
        tokio::join!(add(store, "analyst"), add(store, "both"), panicking, add(store, "approver"), held.release());
    assert_eq!((first, last), (Ok(()), Ok(())));
    assert!(matches!(taken, Err(StoreError::AlreadyExists(_))), "{taken:?}");
    assert_eq!(panicked, Err(StoreError::Abandoned));
    for (username, expected) in [("analyst", true), ("approver", true), ("both", true), ("auditor", false)] {
        assert_eq!(is_there(&fixture.store, username).await, expected, "{username}");
    }
    assert_eq!(fixture.store.audit().size().await.unwrap(), 3);
}

async fn waiting_changes_share_a_commit_on_sqlite(fixture: &Fixture) {
    if !fixture.is_sqlite() {
        return;
    }
    let held = fixture.hold_writer().await;
    let (store, outside) = (&fixture.store, fixture.store.clone());
    let looking = write(store, move |tx| async move {
        let inside = tx.users().find_by_username("analyst").await?.is_some();
        Ok((inside, is_there(&outside, "analyst").await))
    });
    let (first, looked, last, ()) = tokio::join!(add(store, "analyst"), looking, add(store, "approver"), held.release());
    assert_eq!((first, last), (Ok(()), Ok(())));
    assert_eq!(looked, Ok((true, false)), "the second change sees the first one, which is not committed yet");
    assert!(is_there(&fixture.store, "analyst").await && is_there(&fixture.store, "approver").await);
}

async fn overload_is_refused_on_sqlite(fixture: &Fixture) {
    if !fixture.is_sqlite() {
        return;
    }
    let held = fixture.hold_writer().await;
    let change = || fixture.store.write_untrailed::<(), StoreError, _, _>(Untrailed::Check, |_| async { Ok(()) });
    let many = tokio::time::timeout(Duration::from_secs(60), async {
        let waiting = join_all((0..WRITE_QUEUE_MAX + 10).map(|_| change()));
        tokio::join!(waiting, held.release()).0
    });
    let results = many.await.unwrap();
    assert_eq!(results.iter().filter(|result| **result == Err(StoreError::Overloaded)).count(), 10);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), WRITE_QUEUE_MAX);
}

async fn a_closed_store_refuses_changes(fixture: &Fixture) {
    let another = fixture.another_store().await;
    another.close().await.unwrap();
    assert_eq!(add(&another, "analyst").await, Err(StoreError::Closed));
    let posted = another.ingest(crate::scene::request(crate::scene::brute_force())).await;
    assert_eq!(posted, Err(StoreError::Closed));
    assert_eq!(another.users().list().await, Err(StoreError::Closed), "reading too");
}
