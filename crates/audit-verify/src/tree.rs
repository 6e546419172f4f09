//! The hashes of a log's tree as somebody stored them, compared with those that its entries make: proofs are made with the stored ones.

use std::slice;
use std::vec;

use transparency::{Edge, Hash, Node, Place, SMALLEST_KEPT_LEVEL};

use crate::Fault;

/// Reads the stored hashes of subtrees in the order of their positions. Those of the smallest subtrees need not be there; a log from before they were
/// left out has them.
#[derive(Debug)]
pub struct TreeReader<'a> {
    leaves: slice::Iter<'a, Hash>,
    edge: Edge,
    /// What the last entry completed, as far as it is still to come.
    completed: vec::IntoIter<Node>,
}

impl<'a> TreeReader<'a> {
    pub(crate) fn new(leaves: &'a [Hash]) -> Self {
        Self { leaves: leaves.iter(), edge: Edge::empty(), completed: Vec::new().into_iter() }
    }

    /// Takes the next stored hash.
    pub fn add(&mut self, stored: Node) -> Result<(), Fault> {
        loop {
            match self.next() {
                Some(expected) if expected == stored => return Ok(()),
                Some(expected) if expected.position < stored.position => pass(expected)?,
                Some(expected) if expected.position == stored.position => {
                    let (from, to) = range(expected);
                    return Err(Fault::StoredHash { from, to });
                }
                _ => return Err(Fault::StrayHash(stored.position)),
            }
        }
    }

    /// Nothing may be left, and the edge by which the tree grows must be that of its entries, if it is stored.
    pub fn end(mut self, stored_edge: Option<&[u8]>) -> Result<(), Fault> {
        while let Some(expected) = self.next() {
            pass(expected)?;
        }
        let edge: Vec<u8> = self.edge.hashes().flat_map(|hash| hash.0).collect();
        match stored_edge {
            Some(stored) if stored != edge => Err(Fault::StoredEdge(self.edge.size())),
            _ => Ok(()),
        }
    }

    fn next(&mut self) -> Option<Node> {
        loop {
            if let Some(node) = self.completed.next() {
                return Some(node);
            }
            self.completed = self.edge.append(*self.leaves.next()?).into_iter();
            // The hash of the entry itself.
            self.completed.next();
        }
    }
}

/// A hash is not there: only a small one may be left out.
fn pass(node: Node) -> Result<(), Fault> {
    if Place::at(node.position).level < SMALLEST_KEPT_LEVEL {
        return Ok(());
    }
    let (from, to) = range(node);
    Err(Fault::MissingHash { from, to })
}

/// The entries under a hash, the first and the last.
fn range(node: Node) -> (u64, u64) {
    let entries = Place::at(node.position).entries();
    (entries.start, entries.end - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use transparency::{Edge, Hash, Node, Place, SMALLEST_KEPT_LEVEL, leaf_hash};

    use super::TreeReader;
    use crate::Fault;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// What is stored with these entries, and the edge in the end.
    fn stored(leaves: &[Hash]) -> (Vec<Node>, Vec<u8>) {
        let mut edge = Edge::empty();
        let nodes = leaves.iter().flat_map(|leaf| edge.append_kept(*leaf)).collect();
        (nodes, edge.hashes().flat_map(|hash| hash.0).collect())
    }

    fn read(leaves: &[Hash], nodes: &[Node], edge: &[u8]) -> Result<(), String> {
        let mut reader = TreeReader::new(leaves);
        let read = nodes.iter().try_for_each(|node| reader.add(*node)).and_then(|()| reader.end(Some(edge)));
        read.map_err(|fault: Fault| fault.to_string())
    }

    proptest! {
        #[test]
        fn what_was_stored_is_right_and_any_change_of_it_is_not(size in 16_u64..600, at: proptest::sample::Index) {
            let leaves = leaves(size);
            let (nodes, edge) = stored(&leaves);
            prop_assert_eq!(read(&leaves, &nodes, &edge), Ok(()));
            let at = at.index(nodes.len());
            let mut changed = nodes.clone();
            changed[at].hash.0[7] ^= 1;
            prop_assert!(read(&leaves, &changed, &edge).unwrap_err().contains("not theirs"));
            let mut fewer = nodes.clone();
            fewer.remove(at);
            prop_assert!(read(&leaves, &fewer, &edge).unwrap_err().contains("missing"));
            let mut more = nodes.clone();
            more.insert(at, nodes[at]);
            prop_assert!(read(&leaves, &more, &edge).unwrap_err().contains("no hash"));
            let mut other_edge = edge.clone();
            other_edge[7] ^= 1;
            prop_assert!(read(&leaves, &nodes, &other_edge).unwrap_err().contains("edge"));
        }

        #[test]
        fn small_hashes_may_be_there_but_not_other_ones(size in 2_u64..100, at: proptest::sample::Index) {
            let leaves = leaves(size);
            let mut edge = Edge::empty();
            let mut all: Vec<Node> = leaves.iter().flat_map(|leaf| edge.append(*leaf).into_iter().skip(1)).collect();
            let edge: Vec<u8> = edge.hashes().flat_map(|hash| hash.0).collect();
            prop_assert_eq!(read(&leaves, &all, &edge), Ok(()));
            let at = at.index(all.len());
            let mut fewer = all.clone();
            let is_small = Place::at(fewer.remove(at).position).level < SMALLEST_KEPT_LEVEL;
            prop_assert_eq!(read(&leaves, &fewer, &edge).is_ok(), is_small);
            all[at].hash.0[7] ^= 1;
            prop_assert!(read(&leaves, &all, &edge).unwrap_err().contains("not theirs"));
        }
    }

    #[test]
    fn the_entries_under_a_hash_are_named() {
        let leaves = leaves(50);
        let (mut nodes, edge) = stored(&leaves);
        // In the order of positions: 0–15, 16–31, 0–31, 32–47.
        nodes[2].hash.0[0] ^= 1;
        assert!(read(&leaves, &nodes, &edge).unwrap_err().contains("entries 0 to 31"));
        nodes.truncate(3);
        nodes[2].hash.0[0] ^= 1;
        assert!(read(&leaves, &nodes, &edge).unwrap_err().contains("entries 32 to 47"));
    }
}
