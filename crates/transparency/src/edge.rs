//! The right edge of a growing tree: all that is needed to append to it and to know its root, whatever its size.

use std::ops::Range;

use tlog_tiles::{Hash, HashReader};

/// The roots of a tree's complete subtrees, the largest first: as many as its size has ones in binary.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    size: u64,
    peaks: Vec<Node>,
}

/// A hash of the tree at its place in the order of all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The place after Crosby and Wallach: each entry's hash, then the hashes of the subtrees that it completes.
    pub position: u64,
    pub hash: Hash,
}

/// Where a hash of the tree is: its subtree has 2 to the power of `level` entries, and is the one with this index among those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub position: u64,
    pub level: u8,
    pub index: u64,
}

impl Place {
    /// What is at this position.
    #[must_use]
    pub fn at(position: u64) -> Self {
        let (level, index) = tlog_tiles::split_stored_hash_index(position);
        Self { position, level, index }
    }

    /// The entries of its subtree.
    #[must_use]
    pub const fn entries(self) -> Range<u64> {
        self.index << self.level..(self.index + 1) << self.level
    }
}

/// These are not the hashes of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} entries has {expected} hashes at its edge, not {found}")]
pub struct EdgeError {
    pub size: u64,
    pub expected: usize,
    pub found: usize,
}

/// The positions of the hashes of a tree's edge, in order.
#[must_use]
pub fn edge_positions(size: u64) -> Vec<u64> {
    if size == 0 { Vec::new() } else { tlog_tiles::sub_tree_index(0, size, Vec::new()) }
}

/// Hashes of subtrees of fewer than 2 to the power of this many entries are not worth keeping: they are made from the entries again.
pub const SMALLEST_KEPT_LEVEL: u8 = 4;

/// Where the hash of an entry stands.
#[must_use]
pub fn entry_position(index: u64) -> u64 {
    tlog_tiles::stored_hash_index(0, index)
}

/// How many positions a tree of this size has; each of its hashes is at an earlier one.
#[must_use]
pub fn node_count(size: u64) -> u64 {
    tlog_tiles::stored_hash_count(size)
}

impl Edge {
    /// The edge of the tree without entries.
    #[must_use]
    pub const fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The edge of a tree of this size, from the hashes at [`edge_positions`].
    pub fn new(size: u64, hashes: &[Hash]) -> Result<Self, EdgeError> {
        let positions = edge_positions(size);
        if positions.len() != hashes.len() {
            return Err(EdgeError { size, expected: positions.len(), found: hashes.len() });
        }
        let peaks = positions.into_iter().zip(hashes).map(|(position, hash)| Node { position, hash: *hash }).collect();
        Ok(Self { size, peaks })
    }

    /// The size of the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes, in the order of [`edge_positions`].
    pub fn hashes(&self) -> impl Iterator<Item = Hash> + '_ {
        self.peaks.iter().map(|peak| peak.hash)
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().map(|peak| peak.hash).reduce(|right, left| tlog_tiles::node_hash(left, right));
        joined.unwrap_or(tlog_tiles::EMPTY_HASH)
    }

    /// Appends an entry by its leaf hash; gives the hashes of what it completes that are to be kept, from [`SMALLEST_KEPT_LEVEL`] on.
    pub fn append_kept(&mut self, leaf: Hash) -> impl Iterator<Item = Node> + use<> {
        self.append(leaf).into_iter().skip(usize::from(SMALLEST_KEPT_LEVEL))
    }

    /// Appends an entry by its leaf hash; gives that of the entry first, then the hash of each subtree that it completes.
    pub fn append(&mut self, leaf: Hash) -> Vec<Node> {
        let first = tlog_tiles::stored_hash_index(0, self.size);
        // An edge holds every hash that appending to it asks for, so this cannot fail.
        let hashes = tlog_tiles::stored_hashes_for_record_hash(self.size, leaf, self).unwrap_or_else(|_| vec![leaf]);
        let nodes: Vec<Node> = (first..).zip(hashes).map(|(position, hash)| Node { position, hash }).collect();
        self.peaks.truncate(self.peaks.len() + 1 - nodes.len());
        self.peaks.extend(nodes.last());
        self.size += 1;
        nodes
    }
}

impl HashReader for Edge {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let find = |position: &u64| self.peaks.iter().find(|peak| peak.position == *position).map(|peak| peak.hash);
        positions.iter().map(find).collect::<Option<_>>().ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}
