//! The export of a log, read line by line: its head, an entry a line, then the signed heads, the newest last.

use std::io::BufRead;

use domain::audit::SealedDetail;
use domain::audit::verification::StoredEntry;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use transparency::{Checkpoint, Edge, Hash, SignedCheckpoint, VerifierKey, leaf_hash};

use crate::Trust;
use crate::fault::Fault;
use crate::line::Lines;
use crate::verdict::Verdict;

/// What the first line says it is.
pub const FORMAT: &str = "countersign-audit-export/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    origin: String,
    verifier_key: Vec<String>,
    size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine<'a> {
    /// The stored bytes, as they are.
    #[serde(borrow)]
    leaf: &'a RawValue,
    detail: Option<DetailLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DetailLine {
    /// In hexadecimal digits.
    salt: String,
    value: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteLine {
    checkpoint: String,
}

/// Verifies a whole export; says what was verified, or the first thing that is wrong.
pub fn verify_export(input: impl BufRead, trust: &Trust) -> Result<Verdict, Fault> {
    let mut lines = Lines::new(input);
    let head = read_head(&mut lines)?;
    let carried =
        head.verifier_key.iter().map(|key| key.parse::<VerifierKey>().map_err(|error| Fault::NoExport(error.to_string())));
    let carried: Vec<VerifierKey> = carried.collect::<Result<_, _>>()?;
    let keys = if trust.keys.is_empty() { carried } else { trust.keys.clone() };
    let mut log = Log::default();
    let note = read_entries(&mut lines, &mut log)?;
    if log.leaves.len() as u64 != head.size {
        return Err(Fault::Count { said: head.size, found: log.leaves.len() as u64 });
    }
    let signed = read_notes(&mut lines, note, &keys)?;
    let newest = log.expect_signed(&signed)?;
    if newest.origin != head.origin {
        return Err(Fault::NoExport(format!("it is of {}, and its heads are of {}", head.origin, newest.origin)));
    }
    let continues = trust.kept.as_deref().map(|kept| log.expect_continues(kept, &keys)).transpose()?;
    Ok(Verdict { head: newest, heads: signed.len(), erased: log.erased, key_pinned: !trust.keys.is_empty(), continues })
}

fn read_head<R: BufRead>(lines: &mut Lines<R>) -> Result<Head, Fault> {
    let line = lines.next()?.ok_or_else(|| Fault::NoExport("it is empty".to_owned()))?;
    let head: Head = serde_json::from_str(&line).map_err(|error| Fault::NoExport(error.to_string()))?;
    if head.format == FORMAT {
        Ok(head)
    } else {
        Err(Fault::NoExport(format!("its format is {:?}, not {FORMAT:?}", head.format)))
    }
}

/// Reads entries up to the first signed head, and gives that.
fn read_entries<R: BufRead>(lines: &mut Lines<R>, log: &mut Log) -> Result<Option<String>, Fault> {
    while let Some(line) = lines.next()? {
        if let Ok(note) = serde_json::from_str::<NoteLine>(&line) {
            return Ok(Some(note.checkpoint));
        }
        let entry: EntryLine<'_> =
            serde_json::from_str(&line).map_err(|error| lines.fault(format!("neither an entry nor a signed head: {error}")))?;
        log.add(&entry, lines)?;
    }
    Ok(None)
}

fn read_notes<R: BufRead>(lines: &mut Lines<R>, first: Option<String>, keys: &[VerifierKey]) -> Result<Vec<Checkpoint>, Fault> {
    let mut signed = Vec::new();
    let mut next = first;
    while let Some(note) = next {
        signed.push(SignedCheckpoint::open(&note, keys)?.checkpoint);
        next = match lines.next()? {
            Some(line) => Some(
                serde_json::from_str::<NoteLine>(&line)
                    .map_err(|error| lines.fault(format!("no signed head: {error}")))?
                    .checkpoint,
            ),
            None => None,
        };
    }
    Ok(signed)
}

/// What was read of the entries.
#[derive(Default)]
struct Log {
    leaves: Vec<Hash>,
    erased: u64,
}

impl Log {
    fn add<R: BufRead>(&mut self, entry: &EntryLine<'_>, lines: &Lines<R>) -> Result<(), Fault> {
        let leaf = entry.leaf.get();
        let value: Value = serde_json::from_str(leaf).map_err(|error| lines.fault(error.to_string()))?;
        let seq = value["seq"].as_i64().ok_or_else(|| lines.fault("the entry has no seq"))?;
        let detail = entry.detail.as_ref().map(|detail| sealed(detail, lines)).transpose()?;
        if detail.is_none() && !value["detail"].is_null() {
            self.erased += 1;
        }
        let expected = i64::try_from(self.leaves.len()).unwrap_or(i64::MAX);
        let stored = StoredEntry { seq, columns: Value::Null, leaf: leaf.to_owned(), detail };
        if let Some(fault) = stored.faults(expected).into_iter().next() {
            return Err(Fault::Entry(fault));
        }
        self.leaves.push(leaf_hash(leaf.as_bytes()));
        Ok(())
    }

    /// Every signed head must be that of the entries, and one of them of all; gives that one.
    fn expect_signed(&self, signed: &[Checkpoint]) -> Result<Checkpoint, Fault> {
        let found = self.leaves.len() as u64;
        let mut heads: Vec<&Checkpoint> = signed.iter().collect();
        heads.sort_by_key(|head| head.size);
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
        heads.pop().filter(|newest| newest.size == found).cloned().ok_or(Fault::Uncovered(found))
    }

    fn expect_continues(&self, kept: &str, keys: &[VerifierKey]) -> Result<u64, Fault> {
        let kept = SignedCheckpoint::open(kept, keys).map_err(Fault::Kept)?.checkpoint;
        let found = self.leaves.len() as u64;
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

fn sealed<R: BufRead>(detail: &DetailLine, lines: &Lines<R>) -> Result<SealedDetail, Fault> {
    let mut salt = [0; domain::audit::SALT_BYTES];
    hex::decode_to_slice(&detail.salt, &mut salt).map_err(|error| lines.fault(format!("the salt of a detail: {error}")))?;
    Ok(SealedDetail { salt, canonical: domain::canonical::value_to_json(&detail.value) })
}
