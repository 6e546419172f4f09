//! Proofs of RFC 6962: that an entry is in a tree, and that a tree is the beginning of a larger one. Making one takes two steps, because the
//! hashes may have to be fetched from somewhere: first which positions are needed, then the proof from the hashes there.

use std::cell::RefCell;
use std::collections::HashMap;

use tlog_tiles::{Hash, HashReader};

/// A tree of 2⁶⁴ entries is as high; no proof has more hashes, but for one more in a proof of consistency.
const PROOF_HASHES_MAX: usize = 65;

/// A proof cannot be made, or does not prove what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("a tree of {size} entries has no entry {index}")]
    NoSuchEntry { size: u64, index: u64 },
    #[error("a tree of {to} entries has no beginning of {from} entries")]
    NoSuchBeginning { from: u64, to: u64 },
    #[error("the hash at position {0} is missing")]
    MissingHash(u64),
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// Hashes of the tree by position.
struct Known<'a>(&'a HashMap<u64, Hash>);

impl HashReader for Known<'_> {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let hashes: Option<Vec<Hash>> = positions.iter().map(|position| self.0.get(position).copied()).collect();
        hashes.ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}

/// Notes which positions are asked for; answers with hashes that mean nothing.
#[derive(Default)]
struct Asked(RefCell<Vec<u64>>);

impl HashReader for Asked {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        self.0.borrow_mut().extend(positions);
        Ok(vec![Hash::default(); positions.len()])
    }
}

fn entry_within(size: u64, index: u64) -> Result<(), ProofError> {
    if index < size { Ok(()) } else { Err(ProofError::NoSuchEntry { size, index }) }
}

fn beginning_within(from: u64, to: u64) -> Result<(), ProofError> {
    if from <= to { Ok(()) } else { Err(ProofError::NoSuchBeginning { from, to }) }
}

fn first_missing(positions: &[u64], hashes: &HashMap<u64, Hash>) -> ProofError {
    let missing = positions.iter().find(|position| !hashes.contains_key(position));
    missing.map_or(ProofError::Mismatch, |position| ProofError::MissingHash(*position))
}

/// Which hashes the proof of an entry is made of.
pub fn inclusion_positions(size: u64, index: u64) -> Result<Vec<u64>, ProofError> {
    entry_within(size, index)?;
    let asked = Asked::default();
    tlog_tiles::prove_record(size, index, &asked).map_err(|_| ProofError::NoSuchEntry { size, index })?;
    Ok(asked.0.into_inner())
}

/// The proof that the tree of this size has an entry at this index, from its leaf's sibling up to the root's child.
pub fn prove_inclusion(size: u64, index: u64, hashes: &HashMap<u64, Hash>) -> Result<Vec<Hash>, ProofError> {
    let positions = inclusion_positions(size, index)?;
    tlog_tiles::prove_record(size, index, &Known(hashes)).map_err(|_| first_missing(&positions, hashes))
}

/// Does the tree of this size and root have this leaf at this index?
pub fn check_inclusion(proof: &[Hash], size: u64, root: Hash, index: u64, leaf: Hash) -> Result<(), ProofError> {
    entry_within(size, index)?;
    if proof.len() > PROOF_HASHES_MAX {
        return Err(ProofError::Mismatch);
    }
    tlog_tiles::check_record(&proof.to_vec(), size, root, index, leaf).map_err(|_| ProofError::Mismatch)
}

/// Which hashes the proof of consistency is made of.
pub fn consistency_positions(from: u64, to: u64) -> Result<Vec<u64>, ProofError> {
    beginning_within(from, to)?;
    let asked = Asked::default();
    if from > 0 {
        tlog_tiles::prove_tree(to, from, &asked).map_err(|_| ProofError::NoSuchBeginning { from, to })?;
    }
    Ok(asked.0.into_inner())
}

/// The proof that the tree of size `from` is the beginning of the one of size `to`. It is empty when it goes without saying.
pub fn prove_consistency(from: u64, to: u64, hashes: &HashMap<u64, Hash>) -> Result<Vec<Hash>, ProofError> {
    let positions = consistency_positions(from, to)?;
    if from == 0 {
        return Ok(Vec::new());
    }
    tlog_tiles::prove_tree(to, from, &Known(hashes)).map_err(|_| first_missing(&positions, hashes))
}

/// Is the tree with the first size and root the beginning of the second?
pub fn check_consistency(proof: &[Hash], from: (u64, Hash), to: (u64, Hash)) -> Result<(), ProofError> {
    beginning_within(from.0, to.0)?;
    if from.0 == 0 {
        let holds = proof.is_empty() && from.1 == tlog_tiles::EMPTY_HASH && (to.0 > 0 || to.1 == tlog_tiles::EMPTY_HASH);
        return if holds { Ok(()) } else { Err(ProofError::Mismatch) };
    }
    if proof.len() > PROOF_HASHES_MAX {
        return Err(ProofError::Mismatch);
    }
    tlog_tiles::check_tree(&proof.to_vec(), to.0, to.1, from.0, from.1).map_err(|_| ProofError::Mismatch)
}
