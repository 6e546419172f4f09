//! What makes a log provable: the Merkle tree of RFC 6962, proofs in it, and the text formats of C2SP in which heads and proofs are signed and
//! passed on. Nothing here knows what an entry means, where hashes are kept, or which key is trusted.

mod checkpoint;
mod edge;
mod key;
mod proof;
mod proof_file;

#[cfg(test)]
mod tests;

pub use checkpoint::{Checkpoint, CheckpointError, NOTE_BYTES_MAX, SignedCheckpoint};
pub use edge::{Edge, EdgeError, Node, Place, SMALLEST_KEPT_LEVEL, edge_positions, entry_position, node_count};
pub use key::{KeyError, LogKey, VerifierKey};
pub use proof::{ProofError, check_consistency, check_inclusion, consistency_positions, inclusion_positions};
pub use proof::{prove_consistency, prove_inclusion};
pub use proof_file::{PROOF_FILE_BYTES_MAX, ProofFile, ProofFileError};
pub use tlog_tiles::Hash;

/// The root of the tree without entries: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = tlog_tiles::EMPTY_HASH;

/// SHA-256 of 0x00 and the entry's bytes.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    tlog_tiles::record_hash(entry)
}

/// SHA-256 of 0x01 and both children.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    tlog_tiles::node_hash(left, right)
}
