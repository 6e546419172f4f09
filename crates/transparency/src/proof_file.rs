//! The file by which one entry is proved offline: C2SP tlog-proof.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tlog_tiles::Hash;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::proof::{ProofError, check_inclusion};

/// A proof file may have this many bytes.
pub const PROOF_FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The place of an entry in a log, the proof of it, and the signed head that it is proved against.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofFile {
    /// Whatever helps to make the entry's bytes; not trusted before it was hashed.
    pub extra: Option<Vec<u8>>,
    pub index: u64,
    pub proof: Vec<Hash>,
    /// The signed note, as it was made.
    pub checkpoint: String,
}

/// The text is no proof file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    #[error("a proof file must have at most {PROOF_FILE_BYTES_MAX} bytes")]
    TooLong,
    #[error("line {line}: {expected} was expected")]
    Line { line: usize, expected: &'static str },
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl ProofFile {
    /// Checks that this leaf is at the index in the tree of the checkpoint, whose signature is not looked at.
    pub fn check(&self, leaf: Hash) -> Result<Checkpoint, ProofFileError> {
        let head = Checkpoint::read(&self.checkpoint)?;
        check_inclusion(&self.proof, head.size, head.root, self.index, leaf)?;
        Ok(head)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.proof {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The lines before the checkpoint, one after another.
struct Head<'a> {
    lines: std::iter::Peekable<std::str::Split<'a, char>>,
    line: usize,
}

impl<'a> Head<'a> {
    fn error(&self, expected: &'static str) -> ProofFileError {
        ProofFileError::Line { line: self.line + 1, expected }
    }

    fn next(&mut self) -> Option<&'a str> {
        let next = self.lines.next()?;
        self.line += 1;
        Some(next)
    }

    fn header(&mut self) -> Result<(), ProofFileError> {
        let error = self.error(HEADER);
        if self.next() == Some(HEADER) { Ok(()) } else { Err(error) }
    }

    fn extra(&mut self) -> Result<Option<Vec<u8>>, ProofFileError> {
        let Some(encoded) = self.lines.peek().and_then(|line| line.strip_prefix("extra ")) else { return Ok(None) };
        let error = self.error("`extra` and base64");
        self.next();
        BASE64_STANDARD.decode(encoded).map(Some).map_err(|_| error)
    }

    fn index(&mut self) -> Result<u64, ProofFileError> {
        let error = self.error("`index` and a number");
        let number = self.next().and_then(|line| line.strip_prefix("index "));
        let parsed = number.and_then(|digits| digits.parse::<u64>().ok().filter(|parsed| parsed.to_string() == digits));
        parsed.ok_or(error)
    }

    fn proof(&mut self) -> Result<Vec<Hash>, ProofFileError> {
        let mut hashes = Vec::new();
        while self.lines.peek().is_some() {
            let error = self.error("a hash in base64 or the end of the proof");
            let line = self.next().unwrap_or_default();
            hashes.push(Hash::parse_hash(line).map_err(|_| error)?);
        }
        Ok(hashes)
    }
}

impl FromStr for ProofFile {
    type Err = ProofFileError;

    fn from_str(text: &str) -> Result<Self, ProofFileError> {
        if text.len() > PROOF_FILE_BYTES_MAX {
            return Err(ProofFileError::TooLong);
        }
        let (head, checkpoint) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut head = Head { lines: head.split('\n').peekable(), line: 0 };
        head.header()?;
        let (extra, index, proof) = (head.extra()?, head.index()?, head.proof()?);
        if checkpoint.is_empty() {
            return Err(ProofFileError::Line { line: head.line + 1, expected: "an empty line and a checkpoint" });
        }
        Checkpoint::read(checkpoint)?;
        Ok(Self { extra, index, proof, checkpoint: checkpoint.to_owned() })
    }
}
