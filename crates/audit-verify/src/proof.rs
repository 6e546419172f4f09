//! One entry, proved offline: its bytes travel in the proof file, and its place in the log is proved against the signed head there.

use domain::audit::verification::{Columns, StoredEntry};
use transparency::{ProofFile, SignedCheckpoint, leaf_hash};

use crate::{Fault, ProvedEntry, Trust};

/// Verifies a proof file. There is no key in it, so one must be pinned.
pub fn verify_proof(text: &str, trust: &Trust) -> Result<ProvedEntry, Fault> {
    if trust.keys.is_empty() {
        return Err(Fault::NoKey);
    }
    let file: ProofFile = text.parse().map_err(Fault::Proof)?;
    let leaf = file.extra.clone().ok_or(Fault::NoEntryInProof)?;
    let leaf = String::from_utf8(leaf).map_err(|_| Fault::NoEntryInProof)?;
    let head = SignedCheckpoint::open(&file.checkpoint, &trust.keys)?.checkpoint;
    file.check(leaf_hash(leaf.as_bytes())).map_err(Fault::Proof)?;
    let seq = i64::try_from(file.index).unwrap_or(i64::MAX);
    let entry = StoredEntry { seq, columns: Columns::None, leaf, hash_start: None, detail: None };
    let read = entry.read(seq);
    match read.faults.into_iter().next() {
        Some(fault) => Err(Fault::Entry(fault)),
        None if read.leaf["seq"] == seq => Ok(ProvedEntry { leaf: entry.leaf, head }),
        None => Err(Fault::OtherPlace(seq)),
    }
}
