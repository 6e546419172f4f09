//! The schema can be taken back and made again, and every table of the migrations is there.

use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use store::{Store, StoreError};

use crate::fixture::{Fixture, TestSurroundings, on_both};
use crate::scene::add_people;

on_both! {
    every_change_is_reversible
    migrating_again_changes_nothing
    a_store_answers_when_asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_set_up_as_needed_is_refused() {
    for (url, expected) in [
        ("sqlite::memory:", "journal_mode is memory, not wal"),
        ("sqlite:///no/such/folder/countersign.db", "unable to open database file"),
        ("mysql://localhost/countersign", "must start with sqlite:// or postgres://"),
    ] {
        let refused = Store::open(url, Arc::new(TestSurroundings::new())).await.err();
        assert!(matches!(&refused, Some(StoreError::Misconfigured(reason)) if reason.contains(expected)), "{url}: {refused:?}");
    }
}

async fn every_change_is_reversible(fixture: &Fixture) {
    let plain = fixture.plain().await;
    let changes = Migrator::migrations().len() as u32;
    for steps in [1, changes - 1] {
        Migrator::down(&plain, Some(steps)).await.unwrap();
    }
    assert_eq!(Migrator::get_pending_migrations(&plain).await.unwrap().len(), changes as usize);
    Migrator::up(&plain, None).await.unwrap();
    plain.close().await.unwrap();
    add_people(&fixture.store).await;
}

async fn migrating_again_changes_nothing(fixture: &Fixture) {
    add_people(&fixture.store).await;
    fixture.store.migrate().await.unwrap();
    assert_eq!(fixture.store.users().list().await.unwrap().len(), 6);
}

async fn a_store_answers_when_asked(fixture: &Fixture) {
    fixture.store.check().await.unwrap();
    let (first, second) = (fixture.store.now().await.unwrap(), fixture.store.now().await.unwrap());
    assert!(second >= first);
}
