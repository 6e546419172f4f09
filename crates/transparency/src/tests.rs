//! The tree and the texts against published vectors, and against another implementation of RFC 6962.

mod checkpoints;
mod proofs;

use std::collections::HashMap;

use super::{Edge, Hash, LogKey, leaf_hash};

/// The entries of the vectors that implementations of certificate transparency share.
const ENTRIES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

fn hash(hex: &str) -> Hash {
    Hash(hex::decode(hex).unwrap().try_into().unwrap())
}

/// The stored hashes of a tree, and its edge after each entry.
fn grow(entries: &[Vec<u8>]) -> (HashMap<u64, Hash>, Vec<Edge>) {
    let mut stored = HashMap::new();
    let mut edges = vec![Edge::empty()];
    for entry in entries {
        let mut edge = edges.last().unwrap().clone();
        for node in edge.append(leaf_hash(entry)) {
            assert_eq!(stored.insert(node.position, node.hash), None, "each position is stored once");
        }
        edges.push(edge);
    }
    (stored, edges)
}

fn vectors() -> Vec<Vec<u8>> {
    ENTRIES.iter().map(|entry| hex::decode(entry).unwrap()).collect()
}

fn key(name: &str, byte: u8) -> LogKey {
    LogKey::from_secret(name, &[byte; 32]).unwrap()
}
