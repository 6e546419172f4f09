//! The tree over the audit log, against another implementation of RFC 6962.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use sha2::Sha256;
use store::{AuditFilter, AuditOrder, PageRequest, StoreError, Trail};
use transparency::{check_consistency, check_inclusion, leaf_hash, prove_consistency, prove_inclusion};
use transparency::{consistency_positions, inclusion_positions};

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, some_entry};

on_both! {
    the_root_is_that_of_the_leaves
    every_entry_and_every_growth_is_proved
    a_log_from_before_the_tree_is_brought_in
    a_changed_log_is_not_brought_in
}

/// A log with subtrees that are large enough to be kept, and others that are not.
const SIZE: u64 = 35;
/// The migration that made the tree.
const TREE: &str = "m20261124_001001_audit_tree";

async fn write(fixture: &Fixture, entries: usize) {
    let entries = vec![some_entry(); entries];
    fixture.store.write::<_, StoreError, _, _>(move |_| async move { Ok(Trail::new((), entries)) }).await.unwrap();
}

/// The leaves of the log, in order.
async fn leaves(fixture: &Fixture) -> Vec<Vec<u8>> {
    let page = fixture.store.audit().list(AuditFilter::All, AuditOrder::OldestFirst, PageRequest::first(200)).await.unwrap();
    page.items.into_iter().map(|entry| entry.leaf.into_bytes()).collect()
}

fn root(leaves: &[Vec<u8>]) -> [u8; 32] {
    let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for leaf in leaves {
        tree.push(leaf.clone());
    }
    tree.root().as_bytes().as_slice().try_into().unwrap()
}

async fn expect_tree(fixture: &Fixture) {
    let leaves = leaves(fixture).await;
    let edge = fixture.store.audit().edge(leaves.len() as u64).await.unwrap();
    assert_eq!(edge.root().0, root(&leaves), "{} entries", leaves.len());
}

async fn the_root_is_that_of_the_leaves(fixture: &Fixture) {
    add_people(&fixture.store).await;
    for entries in [1, 1, 2, 3, 5, 8, 1, 11, 30] {
        write(fixture, entries).await;
        expect_tree(fixture).await;
    }
}

async fn every_entry_and_every_growth_is_proved(fixture: &Fixture) {
    write(fixture, SIZE as usize).await;
    let audit = fixture.store.audit();
    let leaves = leaves(fixture).await;
    let root_of = async |size: u64| audit.edge(size).await.unwrap().root();
    for size in 1..=SIZE {
        for (index, leaf) in leaves.iter().enumerate().take(size as usize) {
            let hashes = audit.hashes(&inclusion_positions(size, index as u64).unwrap()).await.unwrap();
            let proof = prove_inclusion(size, index as u64, &hashes).unwrap();
            check_inclusion(&proof, size, root_of(size).await, index as u64, leaf_hash(leaf)).unwrap();
        }
        let hashes = audit.hashes(&consistency_positions(size, SIZE).unwrap()).await.unwrap();
        let proof = prove_consistency(size, SIZE, &hashes).unwrap();
        check_consistency(&proof, (size, root_of(size).await), (SIZE, root_of(SIZE).await)).unwrap();
    }
}

/// Takes the schema back to before the tree.
async fn before_the_tree(fixture: &Fixture) {
    let plain = fixture.plain().await;
    let changes = Migrator::migrations();
    let tree = changes.iter().position(|change| change.name() == TREE).unwrap();
    Migrator::down(&plain, Some((changes.len() - tree) as u32)).await.unwrap();
    plain.close().await.unwrap();
}

async fn a_log_from_before_the_tree_is_brought_in(fixture: &Fixture) {
    add_people(&fixture.store).await;
    write(fixture, 37).await;
    before_the_tree(fixture).await;
    fixture.store.migrate().await.unwrap();
    expect_tree(fixture).await;
    write(fixture, 4).await;
    expect_tree(fixture).await;
}

async fn a_changed_log_is_not_brought_in(fixture: &Fixture) {
    write(fixture, 9).await;
    before_the_tree(fixture).await;
    let plain = fixture.plain().await;
    let table = if fixture.is_sqlite() { "" } else { " ON audit_entries" };
    plain.execute_unprepared(&format!("DROP TRIGGER audit_entries_update{table}")).await.unwrap();
    plain.execute_unprepared("UPDATE audit_entries SET action = 'USER_DISABLED' WHERE seq = 6").await.unwrap();
    plain.close().await.unwrap();
    let refused = fixture.store.migrate().await.unwrap_err();
    let expected = "the log was changed: the column action of entry 6 is not what its leaf says";
    assert_eq!(refused, StoreError::Corrupt(expected.to_owned()));
}
