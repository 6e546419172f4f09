//! Checks in the browser what the server shows of the audit log, with nothing but what the log's key signed: each entry as it is shown is the one
//! that was hashed, it is in the tree, the tree is under a signed head, and that continues the head which this browser kept.

use std::collections::BTreeMap;

use api::audit::{AuditEntryView, ConsistencyProof, ErasedDetail, LogProof, ProvedEntry, SaltedDetail};
use domain::audit::erasures::Told;
use domain::audit::verification::{Columns, StoredEntry};
use domain::audit::{SALT_BYTES, SealedDetail, shown_details};
use domain::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use transparency::{Checkpoint, Hash, SignedCheckpoint, VerifierKey, check_consistency, check_inclusion};

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
        let unproved = || Some("the server gave no proof of it".to_owned());
        proved.map_or_else(unproved, |proved| wrong_with(view, proved, Proofs { head: &head, erasures: &proof.erasures }))
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

/// What entries are proved with.
#[derive(Clone, Copy)]
struct Proofs<'a> {
    head: &'a Checkpoint,
    /// Entries that say that details were erased.
    erasures: &'a [ProvedEntry],
}

/// What is wrong with an entry as it is shown, if anything.
fn wrong_with(view: &AuditEntryView, proved: &ProvedEntry, proofs: Proofs<'_>) -> Option<String> {
    let shown = StoredEntry { columns: Columns::Members(members(view)), ..stored(proved, view.seq) };
    let read = shown.read(view.seq);
    if let Some(fault) = read.faults.first() {
        return Some(fault.to_string());
    }
    if view.leaf_hash != read.hash {
        return Some("the hash that is shown is not that of its leaf".to_owned());
    }
    if !proofs.prove(proved, read.hash) {
        return Some("it is not in the log that was signed".to_owned());
    }
    let had_detail = !read.leaf["detail"].is_null();
    if had_detail && proved.detail.is_none() {
        match proofs.erasure(view.seq, &view.id.to_string()) {
            None => return Some("its detail is missing, and no entry says that it was erased".to_owned()),
            found if found == view.erased => {}
            Some(_) => return Some("what is shown of how its detail was erased is not what was written".to_owned()),
        }
    } else if view.erased.is_some() {
        return Some("it is shown as if its detail were erased, and it is not".to_owned());
    }
    let facts = read.leaf["facts"].as_object().cloned().unwrap_or_default();
    (view.details != shown_details(facts, detail_of(proved)))
        .then(|| "the details that are shown are not those that were written".to_owned())
}

impl Proofs<'_> {
    fn prove(self, entry: &ProvedEntry, hash: Digest) -> bool {
        let (Self { head, .. }, hash) = (self, Hash(*hash.as_bytes()));
        check_inclusion(&hashes(&entry.hashes), head.size, head.root, entry.seq.unsigned_abs(), hash).is_ok()
    }

    /// Which entry of the log says that the detail of the entry with this `seq` and id was erased, and why, as far as that is still there.
    fn erasure(self, seq: i64, id: &str) -> Option<ErasedDetail> {
        let saying = |entry: &ProvedEntry| {
            let read = stored(entry, entry.seq).read(entry.seq);
            let is_good = entry.seq > seq && read.faults.is_empty() && read.leaf["seq"] == entry.seq;
            if !is_good || !Told::says_erased(&read.leaf, seq, id) || !self.prove(entry, read.hash) {
                return None;
            }
            let was_erased_too = !read.leaf["detail"].is_null() && entry.detail.is_none();
            if was_erased_too {
                self.erasure(entry.seq, read.leaf["id"].as_str()?)?;
            }
            let reason = detail_of(entry).and_then(|detail| detail["reason"].as_str().map(str::to_owned));
            Some(ErasedDetail { seq: entry.seq, at: read.leaf["at"].as_str()?.parse().ok()?, reason })
        };
        self.erasures.iter().find_map(saying)
    }
}

fn stored(entry: &ProvedEntry, seq: i64) -> StoredEntry {
    let detail = entry.detail.as_ref().map(sealed);
    StoredEntry { seq, columns: Columns::None, leaf: entry.leaf.clone(), hash_start: None, detail }
}

fn detail_of(entry: &ProvedEntry) -> Option<Value> {
    entry.detail.as_ref().and_then(|detail| serde_json::from_str(&detail.canonical).ok())
}

/// What the entry shows, under the names that the leaf has for it.
fn members(view: &AuditEntryView) -> Value {
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
