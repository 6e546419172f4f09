//! The Merkle tree over the log as rows: a subtree's hash is stored with the entry that completes it, and that of a small subtree is made from
//! the leaves of its entries. What the tree and its proofs are is in `transparency`.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use transparency::{Edge, Hash, Node, Place, SMALLEST_KEPT_LEVEL, edge_positions, leaf_hash};

use super::{Grown, set_head};
use crate::batch::Batch;
use crate::entity::{audit_entries, audit_nodes};
use crate::error::StoreError;
use crate::nouns::{Audit, Reads};
use crate::rows::{big, small};
use crate::verification;
use crate::write::{Tx, Writes};

impl<D: Reads> Audit<'_, D> {
    /// The right edge of the tree over the first entries, so many.
    pub async fn edge(&self, size: u64) -> Result<Edge, StoreError> {
        let positions = edge_positions(size);
        let hashes = self.hashes(&positions).await?;
        let in_order: Vec<Hash> = positions.iter().filter_map(|position| hashes.get(position).copied()).collect();
        Edge::new(size, &in_order).map_err(|error| StoreError::Corrupt(format!("the tree over the log: {error}")))
    }

    /// The hashes at these positions, as far as they are there.
    pub async fn hashes(&self, positions: &[u64]) -> Result<HashMap<u64, Hash>, StoreError> {
        let (small, kept): (Vec<Place>, Vec<Place>) =
            positions.iter().map(|position| Place::at(*position)).partition(|place| place.level < SMALLEST_KEPT_LEVEL);
        let mut hashes = self.nodes(kept.iter().map(|place| place.position).collect()).await?;
        let leaves = self.leaves(small.iter().flat_map(|place| place.entries()).map(row_number).collect()).await?;
        hashes.extend(small.into_iter().filter_map(|place| Some((place.position, hash_over(place, &leaves)?))));
        Ok(hashes)
    }

    async fn nodes(&self, positions: Vec<u64>) -> Result<HashMap<u64, Hash>, StoreError> {
        if positions.is_empty() {
            return Ok(HashMap::new());
        }
        let at = audit_nodes::Column::Position.is_in(positions);
        let rows = audit_nodes::Entity::find().filter(at).all(self.0.connected()).await?;
        rows.into_iter().map(|row| node(row).map(|node| (node.position, node.hash))).collect()
    }

    /// The hashes of these entries by their place in the log, as far as they are there.
    async fn leaves(&self, seqs: BTreeSet<i64>) -> Result<HashMap<u64, Hash>, StoreError> {
        if seqs.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<(i64, String)> = audit_entries::Entity::find()
            .select_only()
            .columns([audit_entries::Column::Seq, audit_entries::Column::Leaf])
            .filter(audit_entries::Column::Seq.is_in(seqs))
            .into_tuple()
            .all(self.0.connected())
            .await?;
        found.into_iter().map(|(seq, leaf)| Ok((position(seq)?, leaf_hash(leaf.as_bytes())))).collect()
    }
}

impl Audit<'_, Tx> {
    /// Takes entries into the tree whose first `before` entries are in it already; gives the hashes at its edge then, for the head to keep.
    pub(super) async fn grow(
        &self,
        batch: &mut Writes<'_>,
        head: &Grown,
        leaves: impl Iterator<Item = Hash>,
    ) -> Result<Vec<u8>, StoreError> {
        let mut edge = match &head.edge {
            Some(bytes) => read_edge(position(head.tree_size)?, bytes)?,
            None => self.edge(position(head.tree_size)?).await?,
        };
        let completed = leaves.flat_map(|leaf| edge.append_kept(leaf)).map(row).collect();
        batch.insert_often(completed);
        Ok(edge.hashes().flat_map(|hash| hash.0).collect())
    }

    /// Takes entries into the tree that were logged before there was one, at most so many; each is checked. Says how many.
    pub(crate) async fn plant(&self, block: u64) -> Result<u64, StoreError> {
        let head = self.lock_head().await?;
        let Grown { size, tree_size, .. } = head;
        let entries = audit_entries::Entity::find().filter(audit_entries::Column::Seq.gte(tree_size));
        let rows = entries.order_by_asc(audit_entries::Column::Seq).limit(block).all(self.0.connection()).await?;
        if rows.is_empty() && tree_size < size {
            return Err(StoreError::Corrupt(format!("entries {tree_size} to {} of the log are missing", size - 1)));
        }
        let planted = rows.len();
        let leaves: Vec<Hash> = rows.iter().map(|row| leaf_hash(row.leaf.as_bytes())).collect();
        for (row, expected) in rows.into_iter().zip(tree_size..) {
            if let Some(fault) = verification::stored(row, None).read(expected).faults.into_iter().next() {
                return Err(StoreError::Corrupt(format!("the log was changed: {fault}")));
            }
        }
        let mut batch = Batch::on(self.0.connection());
        let edge = self.grow(&mut batch, &head, leaves.into_iter()).await?;
        set_head(&mut batch, size, tree_size + big(planted), edge);
        batch.send().await?;
        Ok(planted as u64)
    }
}

/// The hash of a small subtree, if all of its entries are there.
fn hash_over(place: Place, leaves: &HashMap<u64, Hash>) -> Option<Hash> {
    let mut edge = Edge::empty();
    for index in place.entries() {
        edge.append(*leaves.get(&index)?);
    }
    Some(edge.root())
}

/// The hash that this row stores.
pub(crate) fn node(row: audit_nodes::Model) -> Result<Node, StoreError> {
    let hash = row.hash.try_into().map_err(|_| StoreError::Corrupt(format!("the hash at {}", row.position)))?;
    Ok(Node { position: position(row.position)?, hash: Hash(hash) })
}

fn row(node: Node) -> audit_nodes::ActiveModel {
    audit_nodes::ActiveModel { position: Set(row_number(node.position)), hash: Set(node.hash.0.to_vec()) }
}

/// The edge whose hashes stand one after another.
fn read_edge(size: u64, bytes: &[u8]) -> Result<Edge, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt(format!("the edge of the tree over the log: {reason}"));
    let hash = |bytes: &[u8]| bytes.try_into().map(Hash).map_err(|_| corrupt("a hash is cut off".to_owned()));
    let hashes: Vec<Hash> = bytes.chunks(transparency::EMPTY_ROOT.0.len()).map(hash).collect::<Result<_, _>>()?;
    Edge::new(size, &hashes).map_err(|error| corrupt(error.to_string()))
}

fn position(number: i64) -> Result<u64, StoreError> {
    small(number)
}

/// A log has fewer than 2⁶² entries.
pub(crate) fn row_number(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
