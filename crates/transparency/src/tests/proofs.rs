//! Roots, edges and proofs.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::{prop_assert_eq, proptest};
use proptest::test_runner::Config;
use sha2::Sha256;

use super::{grow, hash, vectors};
use crate::{
    EMPTY_ROOT, Edge, EdgeError, Hash, Place, ProofError, check_consistency, check_inclusion, edge_positions, leaf_hash,
    node_count, prove_consistency, prove_inclusion,
};

#[test]
fn the_roots_are_the_published_ones() {
    let (_, edges) = grow(&vectors());
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let found: Vec<Hash> = edges.iter().map(Edge::root).collect();
    assert_eq!(found, roots.map(hash));
}

#[test]
fn the_proofs_are_the_published_ones() {
    let (stored, edges) = grow(&vectors());
    let path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(prove_inclusion(8, 0, &stored).unwrap(), path.map(hash));
    let growth = prove_consistency(6, 8, &stored).unwrap();
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(growth, expected.map(hash));
    check_consistency(&growth, (6, edges[6].root()), (8, edges[8].root())).unwrap();
}

#[test]
fn an_edge_is_taken_up_again() {
    let (stored, edges) = grow(&vectors());
    for edge in &edges {
        let hashes: Vec<Hash> = edge_positions(edge.size()).iter().map(|position| stored[position]).collect();
        assert_eq!(Edge::new(edge.size(), &hashes).unwrap(), *edge);
    }
    assert_eq!(Edge::new(7, &[EMPTY_ROOT]), Err(EdgeError { size: 7, expected: 3, found: 1 }));
    assert_eq!(node_count(8), stored.len() as u64);
    assert_eq!(
        (Place::at(0), Place::at(14)),
        (Place { position: 0, level: 0, index: 0 }, Place { position: 14, level: 3, index: 0 })
    );
    assert_eq!(Place::at(10), Place { position: 10, level: 0, index: 6 });
}

#[test]
fn what_is_not_there_is_not_proved() {
    let (stored, edges) = grow(&vectors());
    let (root, leaf) = (edges[8].root(), leaf_hash(b""));
    assert_eq!(prove_inclusion(8, 8, &stored), Err(ProofError::NoSuchEntry { size: 8, index: 8 }));
    assert_eq!(prove_consistency(9, 8, &stored), Err(ProofError::NoSuchBeginning { from: 9, to: 8 }));
    assert!(matches!(prove_inclusion(9, 0, &stored), Err(ProofError::MissingHash(_))));
    let proof = prove_inclusion(8, 0, &stored).unwrap();
    check_inclusion(&proof, 8, root, 0, leaf).unwrap();
    assert_eq!(check_inclusion(&proof, 8, root, 1, leaf), Err(ProofError::Mismatch));
    assert_eq!(check_inclusion(&proof, 4, root, 0, leaf), Err(ProofError::Mismatch));
    assert_eq!(check_inclusion(&proof[..2], 8, root, 0, leaf), Err(ProofError::Mismatch));
    assert_eq!(check_inclusion(&[proof.clone(), proof.clone()].concat(), 8, root, 0, leaf), Err(ProofError::Mismatch));
    assert_eq!(check_inclusion(&vec![root; 100_000], u64::MAX, root, 0, leaf), Err(ProofError::Mismatch));
    assert_eq!(check_inclusion(&[], 0, EMPTY_ROOT, 0, leaf), Err(ProofError::NoSuchEntry { size: 0, index: 0 }));
    assert_eq!(check_consistency(&[], (0, root), (8, root)), Err(ProofError::Mismatch), "the root of nothing is a given one");
    assert_eq!(check_consistency(&[], (0, EMPTY_ROOT), (0, root)), Err(ProofError::Mismatch));
    assert_eq!(check_consistency(&[], (8, root), (8, EMPTY_ROOT)), Err(ProofError::Mismatch));
    assert_eq!(check_consistency(&vec![root; 100_000], (3, root), (u64::MAX, root)), Err(ProofError::Mismatch));
}

/// The same tree in the other implementation.
fn other(entries: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    for entry in entries {
        tree.push(entry.clone());
    }
    tree
}

fn joined(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

proptest! {
    #![proptest_config(Config::with_cases(64))]

    #[test]
    fn another_implementation_makes_the_same_roots_and_proofs(
        entries in proptest::collection::vec(proptest::collection::vec(0_u8.., 0..40), 1..130), index: usize, from: usize, byte: usize
    ) {
        let (size, index, from) = (entries.len(), index % entries.len(), 1 + from % entries.len());
        let (stored, edges) = grow(&entries);
        let tree = other(&entries);
        let root = edges[size].root();
        let second = tree.root();
        prop_assert_eq!(root.0.as_slice(), second.as_bytes().as_slice());

        let proof = prove_inclusion(size as u64, index as u64, &stored).unwrap();
        let second = tree.prove_inclusion(index);
        prop_assert_eq!(joined(&proof), second.as_bytes());
        let leaf = leaf_hash(&entries[index]);
        prop_assert_eq!(check_inclusion(&proof, size as u64, root, index as u64, leaf), Ok(()));

        let growth = prove_consistency(from as u64, size as u64, &stored).unwrap();
        let second = tree.prove_consistency(size - from);
        prop_assert_eq!(joined(&growth), second.as_bytes());
        let (old, new) = ((from as u64, edges[from].root()), (size as u64, root));
        prop_assert_eq!(check_consistency(&growth, old, new), Ok(()));

        for mut changed in [proof, growth].into_iter().filter(|proof| !proof.is_empty()) {
            let at = byte % (changed.len() * 32);
            changed[at / 32].0[at % 32] ^= 1;
            prop_assert_eq!(check_inclusion(&changed, size as u64, root, index as u64, leaf), Err(ProofError::Mismatch));
            prop_assert_eq!(check_consistency(&changed, old, new), Err(ProofError::Mismatch));
        }
    }
}
