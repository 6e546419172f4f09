//! A log that is read entry by entry, wherever it comes from: each entry is checked in its place and against the rules, and in the end all of
//! them against the signed heads.

use std::collections::HashMap;

use domain::audit::erasures::{Erasures, Told};
use domain::audit::replay::Replay;
use domain::audit::verification::{LogFault, Reading, StoredEntry};
use serde_json::Value;
use transparency::{Checkpoint, CheckpointError, Edge, Hash, SignedCheckpoint, VerifierKey};

use crate::{Fault, TreeReader, Trust, Verdict};

/// What was read of a log so far.
#[derive(Debug, Default)]
pub struct LogReader {
    leaves: Vec<Hash>,
    erasures: Erasures,
    /// How many details are there.
    details: u64,
    replay: Replay,
    /// Keys in whose place another one signs, with the entry that says so.
    replaced: HashMap<String, u64>,
}

/// An entry that is right by itself and in its place; what it says of others is still to be looked at.
#[derive(Debug)]
pub struct ReadEntry {
    /// Only of an entry that a rule is about.
    leaf: Option<Value>,
    hash: Hash,
    /// What it tells of its own detail, and of another one that was erased.
    told: Told,
    /// The key in whose place the entry puts another one.
    replaces: Option<String>,
}

impl ReadEntry {
    /// Reads the entry that should be the one at this place.
    pub fn new(entry: &StoredEntry, place: u64) -> Result<Self, Fault> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let Reading { leaf, hash, faults } = entry.read(place);
        let misplaced = || leaf["seq"].as_i64().and_then(|seq| LogFault::of_place(seq, place));
        if let Some(fault) = faults.into_iter().next().or_else(misplaced) {
            return Err(Fault::Entry(fault));
        }
        let told = Told::by(entry, &leaf);
        let replaces = leaf["facts"]["replaces"].as_str().filter(|_| leaf["action"] == "LOG_KEY_ADDED").map(str::to_owned);
        let leaf = Some(leaf).filter(Replay::concerns);
        Ok(Self { leaf, hash: Hash(*hash.as_bytes()), told, replaces })
    }
}

impl LogReader {
    /// Reads and takes the next entry.
    pub fn add(&mut self, entry: &StoredEntry) -> Result<(), Fault> {
        self.take(ReadEntry::new(entry, self.size())?)
    }

    /// Takes the next entry, which was read for this place.
    pub fn take(&mut self, ReadEntry { leaf, hash, told, replaces }: ReadEntry) -> Result<(), Fault> {
        if let Some(leaf) = leaf {
            self.replay.follow(&leaf)?;
        }
        if let Some(older) = replaces {
            // Whoever says so a second time does not put it off.
            let entry = self.size();
            self.replaced.entry(older).or_insert(entry);
        }
        self.details += u64::from(told.is_there());
        self.erasures.follow(told).map_err(Fault::Entry)?;
        self.leaves.push(hash);
        Ok(())
    }

    /// How many entries were read.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// How many entries have their detail.
    #[must_use]
    pub const fn details(&self) -> u64 {
        self.details
    }

    /// What its entries tell of details.
    #[must_use]
    pub const fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    /// Entries that are written and have no place yet may say why a detail is gone.
    pub fn excuse(&mut self, drafts: &[Value]) {
        drafts.iter().for_each(|draft| self.erasures.excuse(draft));
    }

    /// What the entries that come now say may have happened while the ones before were read.
    pub fn read_on(&mut self) {
        self.erasures.read_before(i64::try_from(self.size()).unwrap_or(i64::MAX));
    }

    /// Reads the stored hashes of the tree over the first entries, so many.
    pub fn tree(&self, size: u64) -> Result<TreeReader<'_>, Fault> {
        let leaves = usize::try_from(size).ok().and_then(|size| self.leaves.get(..size));
        leaves.map(TreeReader::new).ok_or(Fault::TreeSize { said: size, found: self.size() })
    }

    /// Verifies what was read against its signed heads, with the keys that it carries unless others are pinned.
    pub fn conclude(&self, notes: &[String], carried: &[String], trust: &Trust) -> Result<Verdict, Fault> {
        let key = |text: &String| text.parse::<VerifierKey>().map_err(|error| Fault::NoExport(error.to_string()));
        let carried: Vec<VerifierKey> = carried.iter().map(key).collect::<Result<_, _>>()?;
        let keys = if trust.keys.is_empty() { &carried } else { &trust.keys };
        let signed: Vec<Checkpoint> = notes.iter().map(|note| self.open(note, keys)).collect::<Result<_, _>>()?;
        let head = self.expect_signed(&signed)?;
        let continues = trust.kept.as_deref().map(|kept| self.expect_continues(kept, keys, &head.origin)).transpose()?;
        // Only of a log that is as it was signed: of one that was cut short, the entry that says so may be what is missing.
        self.erasures.expect_none_vanished().map_err(Fault::Entry)?;
        let (unsigned, erased) = (self.size() - head.size, self.erasures.erased().len() as u64);
        Ok(Verdict { head, heads: signed.len(), unsigned, erased, key_pinned: !trust.keys.is_empty(), continues })
    }

    /// A key signs no head over the entry that puts another one in its place.
    fn open(&self, note: &str, keys: &[VerifierKey]) -> Result<Checkpoint, Fault> {
        let SignedCheckpoint { checkpoint, keys: signers, .. } = SignedCheckpoint::open(note, keys)?;
        let may_sign = |key: &&VerifierKey| self.replaced.get(&key.to_string()).is_none_or(|entry| checkpoint.size <= *entry);
        match (signers.iter().find(may_sign), signers.first()) {
            (None, Some(replaced)) => Err(Fault::Replaced { key: replaced.id(), size: checkpoint.size }),
            _ => Ok(checkpoint),
        }
    }

    /// Every signed head must be that of the entries, and there must be one; gives the newest.
    fn expect_signed(&self, signed: &[Checkpoint]) -> Result<Checkpoint, Fault> {
        let found = self.size();
        let mut heads: Vec<&Checkpoint> = signed.iter().collect();
        heads.sort_by_key(|head| head.size);
        // The keys may be of several logs.
        if let Some([one, other]) = heads.array_windows().find(|[one, other]| one.origin != other.origin) {
            return Err(CheckpointError::OtherLog { found: other.origin.clone(), expected: one.origin.clone() }.into());
        }
        let (mut edge, mut after) = (Edge::empty(), 0);
        for head in &heads {
            if head.size > found {
                return Err(Fault::Truncated { head: head.size, found });
            }
            self.grow(&mut edge, head.size);
            if edge.root() != head.root {
                return Err(Fault::OtherRoot { after, size: head.size });
            }
            after = head.size;
        }
        heads.pop().cloned().ok_or(Fault::Uncovered(found))
    }

    /// The log must continue this signed head, which somebody kept; gives its size.
    fn expect_continues(&self, kept: &str, keys: &[VerifierKey], origin: &str) -> Result<u64, Fault> {
        let kept = self.open(kept, keys).map_err(|fault| match fault {
            Fault::Head(error) => Fault::Kept(error),
            other => other,
        })?;
        if kept.origin != origin {
            return Err(Fault::Kept(CheckpointError::OtherLog { found: kept.origin, expected: origin.to_owned() }));
        }
        let found = self.size();
        if kept.size > found {
            return Err(Fault::Older { kept: kept.size, found });
        }
        let mut edge = Edge::empty();
        self.grow(&mut edge, kept.size);
        if edge.root() == kept.root { Ok(kept.size) } else { Err(Fault::Diverges(kept.size)) }
    }

    fn grow(&self, edge: &mut Edge, size: u64) {
        let from = usize::try_from(edge.size()).unwrap_or(usize::MAX);
        let to = usize::try_from(size).unwrap_or(usize::MAX);
        for leaf in self.leaves.get(from..to).unwrap_or_default() {
            edge.append(*leaf);
        }
    }
}
