//! The schema can be taken back and made again, and every table of the migrations is there.

use std::sync::Arc;

use domain::audit::{AuditAction, EntryDraft, Origin, Outcome, Target};
use domain::id::IncidentId;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use store::{Store, StoreError, Trail};

use crate::fixture::{Fixture, TestSurroundings, on_both};
use crate::scene::add_people;

on_both! {
    every_change_is_reversible
    what_only_the_leaf_says_comes_back_as_columns
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

async fn what_only_the_leaf_says_comes_back_as_columns(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let by_request = Origin { correlation_id: Some("request-1".parse().unwrap()), ..Origin::system() };
    for origin in [Origin::system(), by_request] {
        let entry =
            EntryDraft::new(&origin, AuditAction::AccessDenied, Target::incident(IncidentId::new(7))).outcome(Outcome::Denied);
        fixture.store.write::<_, StoreError, _, _>(move |_| async move { Ok(Trail::new((), vec![entry])) }).await.unwrap();
    }
    let plain = fixture.plain().await;
    let place = Migrator::names().iter().position(|name| *name == "m20261128_000501_leaves_say_the_rest").unwrap();
    let steps = u32::try_from(Migrator::names().len() - place).unwrap();
    Migrator::down(&plain, Some(steps)).await.unwrap();
    let written = "SELECT actor_kind, target_kind, target_id, coalesce(correlation_id, '-'), outcome FROM audit_entries WHERE seq > 0 ORDER BY seq";
    let rows = plain.query_all_raw(Statement::from_string(plain.get_database_backend(), written)).await.unwrap();
    let read = |row: &QueryResult| (0..5).map(|place| row.try_get_by_index(place).unwrap()).collect::<Vec<String>>().join(" ");
    let rows: Vec<String> = rows.iter().map(read).collect();
    assert_eq!(rows, ["system incident INC-0000000007 - denied", "system incident INC-0000000007 request-1 denied"]);
    let changed = plain.execute_unprepared("UPDATE audit_entries SET outcome = 'ok'").await;
    assert!(changed.unwrap_err().to_string().contains("refused"), "what is on record is guarded as before");
    Migrator::up(&plain, None).await.unwrap();
    plain.close().await.unwrap();
    assert!(fixture.store.verify_log().await.unwrap().is_sound());
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
