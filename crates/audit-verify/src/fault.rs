//! What is wrong with a log, in words that name the place.

use domain::audit::replay::RuleFault;
use domain::audit::verification::LogFault;
use transparency::{CheckpointError, KeyError, ProofFileError};

/// The first thing that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("line {0}: a line must have at most {max} bytes", max = crate::line::LINE_BYTES_MAX)]
    LongLine(u64),
    #[error("line 1: this is no export of an audit log: {0}")]
    NoExport(String),
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
    #[error("{0}")]
    Entry(LogFault),
    #[error("{0}")]
    Rule(#[from] RuleFault),
    #[error("--key: {0}")]
    Key(KeyError),
    #[error("this is no proof of an entry: {0}")]
    Proof(ProofFileError),
    #[error("the proof file does not hold the entry that it proves")]
    NoEntryInProof,
    #[error("a proof file carries no key: pin the log's verifier key with --key")]
    NoKey,
    #[error("the entry in the proof file is not the one at place {0}")]
    OtherPlace(i64),
    #[error("the export says {said} entries, and there are {found}: {}", added_or_missing(*said, *found))]
    Count { said: u64, found: u64 },
    #[error("a signed head: {0}")]
    Head(#[from] CheckpointError),
    #[error("the head of {size} entries is signed with the key {key}, in whose place another one signs by then")]
    Replaced { key: String, size: u64 },
    #[error("the signed heads are out of order: each must cover more entries than the one before")]
    HeadOrder,
    #[error("no signed head covers all {0} entries")]
    Uncovered(u64),
    #[error("{} not what was signed: one of them was changed, removed, added or moved", range(*after, *size))]
    OtherRoot { after: u64, size: u64 },
    #[error("a signed head covers {head} entries, and there are {found}: entries were removed")]
    Truncated { head: u64, found: u64 },
    #[error("the stored hash of entries {from} to {to} is not theirs: proofs made with it do not hold")]
    StoredHash { from: u64, to: u64 },
    #[error("the stored hash of entries {from} to {to} is missing: proofs that need it cannot be made")]
    MissingHash { from: u64, to: u64 },
    #[error("a hash is stored at position {0} of the tree, where there is no hash of these entries")]
    StrayHash(u64),
    #[error("the stored edge of the tree is not that of its {0} entries: heads made with it do not hold")]
    StoredEdge(u64),
    #[error("the log says that {said} of its entries are in the tree, and there are {found}")]
    TreeSize { said: u64, found: u64 },
    #[error("the kept head: {0}")]
    Kept(CheckpointError),
    #[error(
        "the kept head covers {kept} entries, and there are {found}: this is an older state of the log, or entries were removed"
    )]
    Older { kept: u64, found: u64 },
    #[error("the log diverges from the kept head of {0} entries: history was rewritten before it")]
    Diverges(u64),
}

fn added_or_missing(said: u64, found: u64) -> &'static str {
    if found > said { "entries were added" } else { "entries are missing at the end" }
}

fn range(after: u64, size: u64) -> String {
    match size.saturating_sub(after) {
        1 => format!("entry {after} is"),
        _ => format!("entries {after} to {} are", size.saturating_sub(1)),
    }
}
