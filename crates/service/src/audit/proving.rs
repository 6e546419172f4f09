//! Proofs in the log, for whoever may read what they are about.

use std::collections::BTreeSet;

use api::audit::{CheckpointView, ConsistencyProof, InclusionProof, LogProof, ProofQuery, ProvedEntry, SaltedDetail};
use domain::digest::Digest;
use store::{ExportedEntry, SignedHead};
use transparency::{Checkpoint, Hash, ProofError, ProofFile};

use crate::checkpoints;
use crate::core::Core;
use crate::error::ServiceError;

/// A signed head over every entry that is in the log now.
pub async fn checkpoint(core: &Core) -> Result<CheckpointView, ServiceError> {
    view(core, checkpoints::make(core).await?).await
}

async fn view(core: &Core, head: SignedHead) -> Result<CheckpointView, ServiceError> {
    let SignedHead { size, note, made_at } = head;
    let signed = Checkpoint::read(&note).map_err(|error| ServiceError::Corrupt(error.to_string()))?;
    let keys = core.store.audit().signing_keys().await?;
    Ok(CheckpointView {
        origin: signed.origin,
        size,
        root_hash: digest(&signed.root),
        made_at,
        checkpoint: note,
        verifier_keys: keys.into_iter().map(|key| key.verifier).collect(),
    })
}

/// Entries with their proofs, against one head over everything, and the entries that say that details of these were erased.
pub async fn entries(core: &Core, query: &ProofQuery) -> Result<LogProof, ServiceError> {
    let stored = core.store.audit().exported_of(&query.seqs).await?;
    if stored.len() < query.seqs.iter().collect::<BTreeSet<_>>().len() {
        return Err(no_entry("/seqs"));
    }
    // Whatever is gone by now is said by an entry that has its place by now, or gets it; the head covers that.
    core.store.catch_up_log().await?;
    let erasing = erasing(core, query.seqs.clone()).await?;
    let head = checkpoints::make(core).await?;
    let entries = proved(core, stored, head.size).await?;
    let erasures = proved(core, erasing, head.size).await?;
    let growth = match query.kept.filter(|kept| *kept <= head.size) {
        Some(kept) => Some(consistency(core, kept, Some(head.size)).await?),
        None => None,
    };
    Ok(LogProof { head: view(core, head).await?, entries, erasures, growth })
}

/// The entries that say of these that their details were erased, and so on: what they say of it may have been erased too.
async fn erasing(core: &Core, seqs: Vec<i64>) -> Result<Vec<(i64, ExportedEntry)>, ServiceError> {
    let (mut all, mut of) = (Vec::new(), seqs);
    while !of.is_empty() {
        let found = core.store.audit().erasing(&of).await?;
        // They come later than what they say was erased; a log that says otherwise must not be followed for ever.
        let last = of.iter().min().copied().unwrap_or_default();
        of = found.iter().map(|(seq, _)| *seq).filter(|seq| *seq > last).collect();
        all.extend(found);
    }
    Ok(all)
}

async fn proved(core: &Core, stored: Vec<(i64, ExportedEntry)>, size: u64) -> Result<Vec<ProvedEntry>, ServiceError> {
    let mut positions = Vec::new();
    for (seq, _) in &stored {
        positions.extend(transparency::inclusion_positions(size, seq.unsigned_abs()).map_err(|_| no_entry("/seqs"))?);
    }
    let hashes = core.store.audit().hashes(&positions).await?;
    let proved = |(seq, entry): (i64, ExportedEntry)| {
        let proof = transparency::prove_inclusion(size, seq.unsigned_abs(), &hashes).map_err(broken)?;
        let detail = entry.detail.map(|(salt, canonical)| SaltedDetail { salt, canonical });
        Ok(ProvedEntry { seq, leaf: entry.leaf, detail, hashes: proof.iter().map(digest).collect() })
    };
    stored.into_iter().map(proved).collect()
}

/// The proof of one entry as a file that holds the entry.
pub async fn file(core: &Core, seq: i64) -> Result<String, ServiceError> {
    let head = match core.store.audit().head_over(seq).await? {
        Some(head) => head,
        None => checkpoints::make(core).await?,
    };
    let index = u64::try_from(seq).map_err(|_| no_entry("/seq"))?;
    let positions = transparency::inclusion_positions(head.size, index).map_err(|_| no_entry("/seq"))?;
    let hashes = core.store.audit().hashes(&positions).await?;
    let proof = transparency::prove_inclusion(head.size, index, &hashes).map_err(broken)?;
    let stored = core.store.audit().exported_of(&[seq]).await?.into_iter().next();
    let (_, entry) = stored.ok_or_else(|| no_entry("/seq"))?;
    Ok(ProofFile { extra: Some(entry.leaf.into_bytes()), index, proof, checkpoint: head.note }.to_string())
}

/// The proof that an entry is in the log of this size.
pub async fn inclusion(core: &Core, seq: i64, size: Option<u64>) -> Result<InclusionProof, ServiceError> {
    let audit = core.store.audit();
    let head = match size {
        Some(size) => audit.find_head(size).await?,
        None => match audit.head_over(seq).await? {
            Some(head) => Some(head),
            None => Some(checkpoints::make(core).await?),
        },
    };
    let Some(size) = size.or(head.as_ref().map(|head| head.size)) else { return Err(beyond("/size")) };
    let index = u64::try_from(seq).map_err(|_| no_entry("/seq"))?;
    expect_within(core, size, "/size").await?;
    let mut positions = transparency::inclusion_positions(size, index).map_err(|_| no_entry("/seq"))?;
    let own = transparency::entry_position(index);
    positions.push(own);
    let hashes = audit.hashes(&positions).await?;
    let proof = transparency::prove_inclusion(size, index, &hashes).map_err(broken)?;
    let leaf = hashes.get(&own).ok_or_else(|| no_entry("/seq"))?;
    let hashes = proof.iter().map(digest).collect();
    Ok(InclusionProof { seq, size, leaf_hash: digest(leaf), hashes, checkpoint: head.map(|head| head.note) })
}

/// The proof that the log of one size is the beginning of the log of another.
pub async fn consistency(core: &Core, from: u64, to: Option<u64>) -> Result<ConsistencyProof, ServiceError> {
    let to = match to {
        Some(to) => to,
        None => checkpoints::make(core).await?.size,
    };
    expect_within(core, to, "/to").await?;
    let positions = transparency::consistency_positions(from, to)
        .map_err(|_| ServiceError::invalid("/from", format!("must be at most {to}, the size that it is compared with")))?;
    let hashes = core.store.audit().hashes(&positions).await?;
    let proof = transparency::prove_consistency(from, to, &hashes).map_err(broken)?;
    Ok(ConsistencyProof { from, to, hashes: proof.iter().map(digest).collect() })
}

async fn expect_within(core: &Core, size: u64, pointer: &str) -> Result<(), ServiceError> {
    let log = core.store.audit().size().await?.unsigned_abs();
    if size <= log { Ok(()) } else { Err(beyond(pointer)) }
}

fn beyond(pointer: &str) -> ServiceError {
    ServiceError::invalid(pointer, "must be at most the number of entries in the log")
}

fn no_entry(pointer: &str) -> ServiceError {
    ServiceError::invalid(pointer, "must be the seq of an entry within the size")
}

fn broken(error: ProofError) -> ServiceError {
    ServiceError::Corrupt(format!("the tree over the log: {error}"))
}

fn digest(hash: &Hash) -> Digest {
    Digest::from_bytes(hash.0)
}
