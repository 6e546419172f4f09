//! Checks in the browser what the server shows of the audit log, with nothing but what the log's key signed: each entry as it is shown is the one
//! that was hashed, it is in the tree, the tree is under a signed head, and that continues the head which this browser kept.

use std::collections::BTreeMap;

use api::audit::{AuditEntryView, ConsistencyProof, LogProof, ProvedEntry, SaltedDetail};
use domain::audit::verification::StoredEntry;
use domain::audit::{SALT_BYTES, SealedDetail, shown_details};
use domain::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use transparency::{Checkpoint, Hash, SignedCheckpoint, VerifierKey, check_consistency, check_inclusion, leaf_hash};

/// What a browser keeps of a log: the head that it verified last, and the keys that it saw first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptHead {
    pub note: String,
    pub keys: Vec<String>,
}

/// What was checked, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub head: Checkpoint,
    /// The signed note.
    pub note: String,
    /// The keys that signed the head.
    pub signers: Vec<String>,
    /// Signed by no key that this browser kept.
    pub is_new_key: bool,
    /// The size of the kept head that the log continues.
    pub continues: Option<u64>,
    /// By `seq`: what is wrong, if anything.
    pub entries: BTreeMap<i64, Option<String>>,
}

impl Checked {
    /// The entries that are not what was signed.
    pub fn wrong(&self) -> impl Iterator<Item = (i64, &str)> {
        self.entries.iter().filter_map(|(seq, wrong)| Some((*seq, wrong.as_deref()?)))
    }

    /// Is every entry what was signed, with a key that this browser knows or takes as its first?
    pub fn is_good(&self) -> bool {
        !self.is_new_key && self.wrong().next().is_none()
    }

    /// What to keep from now on: this head, with the keys that were kept and those that signed now.
    pub fn keep(&self, before: Option<&KeptHead>) -> KeptHead {
        let mut keys = before.map(|kept| kept.keys.clone()).unwrap_or_default();
        keys.extend(self.signers.iter().filter(|signer| !keys.contains(signer)).cloned().collect::<Vec<_>>());
        KeptHead { note: self.note.clone(), keys }
    }
}

/// The log as a whole is not what it should be: nothing that is shown of it can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    #[error("a verifier key cannot be read")]
    Key,
    #[error("its head: {0}")]
    Head(String),
    #[error("this is the log {found}, not {kept}, whose head this browser kept")]
    OtherLog { found: String, kept: String },
    #[error(
        "it has {found} entries, and this browser kept a head over {kept}: it was set back to an older state, or entries were removed"
    )]
    Older { found: u64, kept: u64 },
    #[error("it does not continue the head over {0} entries that this browser kept: history was rewritten")]
    Diverges(u64),
}

/// Checks the entries that are shown.
pub fn check(proof: &LogProof, shown: &[AuditEntryView], kept: Option<&KeptHead>) -> Result<Checked, Untrusted> {
    let keys: Vec<VerifierKey> =
        proof.head.verifier_keys.iter().map(|key| key.parse()).collect::<Result<_, _>>().map_err(|_| Untrusted::Key)?;
    let signed = SignedCheckpoint::open(&proof.head.checkpoint, &keys).map_err(|error| Untrusted::Head(error.to_string()))?;
    let head = signed.checkpoint;
    let continues = kept.map(|kept| continued(kept, &head, proof.growth.as_ref())).transpose()?;
    let signers: Vec<String> = signed.keys.iter().map(ToString::to_string).collect();
    let is_new_key = kept.is_some_and(|kept| !signers.iter().any(|signer| kept.keys.contains(signer)));
    let wrong = |view: &AuditEntryView| {
        let proved = proof.entries.iter().find(|proved| proved.seq == view.seq);
        proved.map_or(Some("the server gave no proof of it".to_owned()), |proved| wrong_with(view, proved, &head))
    };
    let entries = shown.iter().map(|view| (view.seq, wrong(view))).collect();
    Ok(Checked { head, note: signed.note, signers, is_new_key, continues, entries })
}

/// The size of the kept head, if the log continues it.
fn continued(kept: &KeptHead, head: &Checkpoint, growth: Option<&ConsistencyProof>) -> Result<u64, Untrusted> {
    let before = Checkpoint::read(&kept.note).map_err(|error| Untrusted::Head(error.to_string()))?;
    if before.origin != head.origin {
        return Err(Untrusted::OtherLog { found: head.origin.clone(), kept: before.origin });
    }
    if before.size > head.size {
        return Err(Untrusted::Older { found: head.size, kept: before.size });
    }
    let hashes = hashes(growth.map(|growth| growth.hashes.as_slice()).unwrap_or_default());
    check_consistency(&hashes, (before.size, before.root), (head.size, head.root))
        .map_err(|_| Untrusted::Diverges(before.size))?;
    Ok(before.size)
}

/// What is wrong with an entry as it is shown, if anything.
fn wrong_with(view: &AuditEntryView, proved: &ProvedEntry, head: &Checkpoint) -> Option<String> {
    let stored = StoredEntry {
        seq: view.seq,
        columns: columns(view),
        leaf: proved.leaf.clone(),
        hash_start: None,
        detail: proved.detail.as_ref().map(sealed),
    };
    let (leaf, faults) = stored.read(view.seq);
    if let Some(fault) = faults.first() {
        return Some(fault.to_string());
    }
    let hash = leaf_hash(proved.leaf.as_bytes());
    if view.leaf_hash != Digest::from_bytes(hash.0) {
        return Some("the hash that is shown is not that of its leaf".to_owned());
    }
    if check_inclusion(&hashes(&proved.hashes), head.size, head.root, view.seq.unsigned_abs(), hash).is_err() {
        return Some("it is not in the log that was signed".to_owned());
    }
    let had_detail = leaf.as_ref().is_some_and(|leaf| !leaf["detail"].is_null());
    if had_detail && proved.detail.is_none() && view.erased.is_none() {
        return Some("its detail is missing, and no entry says that it was erased".to_owned());
    }
    let facts = leaf.as_ref().and_then(|leaf| leaf["facts"].as_object().cloned()).unwrap_or_default();
    let detail = proved.detail.as_ref().and_then(|detail| serde_json::from_str::<Value>(&detail.canonical).ok());
    (view.details != shown_details(facts, detail))
        .then(|| "the details that are shown are not those that were written".to_owned())
}

/// What the entry shows, under the names that the leaf has for it.
fn columns(view: &AuditEntryView) -> Value {
    json!({
        "seq": view.seq,
        "id": view.id,
        "at": view.at,
        "actor": { "kind": view.actor.kind, "id": view.actor.id },
        "action": view.action,
        "target": { "kind": view.target.kind, "id": view.target.id },
        "incident_id": view.incident_id,
        "correlation_id": view.correlation_id,
        "outcome": view.outcome,
    })
}

/// A salt that cannot be read is none that was hashed.
fn sealed(detail: &SaltedDetail) -> SealedDetail {
    let mut salt = [0; SALT_BYTES];
    let read = hex::decode_to_slice(&detail.salt, &mut salt);
    SealedDetail { salt: read.map_or([0; SALT_BYTES], |()| salt), canonical: detail.canonical.clone() }
}

fn hashes(digests: &[Digest]) -> Vec<Hash> {
    digests.iter().map(|digest| Hash(*digest.as_bytes())).collect()
}

#[cfg(test)]
mod tests;
