//! A head of the log as C2SP tlog-checkpoint writes it, and the signed note that carries it.

use std::collections::BTreeSet;

use signed_note::{Note, Signature, Verifier as _};
use tlog_tiles::Hash;

use crate::key::{LogKey, VerifierKey};

/// A note may have this many bytes; ours has about 200.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;

/// How large a log was, and the root of its tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The name of the log, its first line.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// A note is no checkpoint, or not signed as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("a signed note must have at most {NOTE_BYTES_MAX} bytes")]
    TooLong,
    #[error("this is no signed note: text, an empty line, and lines of signatures")]
    NoNote,
    #[error("this is no checkpoint: a line each for origin, size and root")]
    NoCheckpoint,
    #[error("the checkpoint is of {found}, not of {expected}")]
    OtherLog { found: String, expected: String },
    #[error("none of the keys {0} signed this checkpoint")]
    NotSigned(String),
    #[error("the signature of the key {0} is wrong")]
    BadSignature(String),
    #[error("a line of the signatures is there twice")]
    SignatureTwice,
    #[error("an origin must not be empty, nor hold white space or a plus sign")]
    Origin,
}

impl Checkpoint {
    /// The three lines that are signed.
    fn body(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// The note, signed by these keys.
    pub fn sign(&self, keys: &[&LogKey]) -> Result<String, CheckpointError> {
        let signers: Vec<&dyn signed_note::Signer> =
            keys.iter().map(|key| std::convert::identity::<&dyn signed_note::Signer>(key.signer())).collect();
        let mut note = Note::new(self.body().as_bytes(), &[]).map_err(|_| CheckpointError::Origin)?;
        note.add_sigs(&signers).map_err(|_| CheckpointError::Origin)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Origin)
    }

    /// What a note says, whoever signed it.
    pub fn read(note: &str) -> Result<Self, CheckpointError> {
        Ok(parsed(note)?.0)
    }
}

fn parsed(note: &str) -> Result<(Checkpoint, Note), CheckpointError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(CheckpointError::TooLong);
    }
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::NoNote)?;
    let head = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::NoCheckpoint)?;
    let checkpoint = Checkpoint { origin: head.origin().to_owned(), size: head.size(), root: *head.hash() };
    // One head has one spelling: no other base64, no lines that nobody reads.
    if checkpoint.body().as_bytes() != note.text() {
        return Err(CheckpointError::NoCheckpoint);
    }
    Ok((checkpoint, note))
}

/// Every line of a note's signatures, also where one key has several.
fn signatures(note: &str) -> Result<Vec<Signature>, CheckpointError> {
    let (_, lines) = note.rsplit_once("\n\n").ok_or(CheckpointError::NoNote)?;
    let lines: Vec<&str> = lines.lines().collect();
    // Nobody signs twice: it was copied into the note afterwards.
    if lines.iter().collect::<BTreeSet<_>>().len() < lines.len() {
        return Err(CheckpointError::SignatureTwice);
    }
    lines.into_iter().map(|line| Signature::from_bytes(line.as_bytes()).map_err(|_| CheckpointError::NoNote)).collect()
}

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedCheckpoint {
    pub checkpoint: Checkpoint,
    /// The note as it was read.
    pub note: String,
    /// Which of the keys signed it.
    pub keys: Vec<VerifierKey>,
}

impl SignedCheckpoint {
    /// Verifies that a note is a checkpoint of these keys' log, signed by one of them. Signatures of other keys are ignored; a wrong signature of
    /// one of these is not, even beside a right one.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let (checkpoint, parsed) = parsed(note)?;
        let names = || keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut signers = Vec::new();
        for line in signatures(note)? {
            let known: Vec<&VerifierKey> = keys.iter().filter(|key| key.is_named_by(&line)).collect();
            let right = |key: &&VerifierKey| key.verifier().verify(parsed.text(), line.signature());
            if !known.is_empty() && !known.iter().any(right) {
                return Err(CheckpointError::BadSignature(format!("{}+{:08x}", line.name(), line.id())));
            }
            signers.extend(known.into_iter().filter(right));
        }
        let keys: Vec<VerifierKey> = keys.iter().filter(|key| signers.contains(key)).cloned().collect();
        if keys.is_empty() {
            return Err(CheckpointError::NotSigned(names()));
        }
        match keys.iter().find(|key| key.name() != checkpoint.origin) {
            Some(other) => Err(CheckpointError::OtherLog { found: checkpoint.origin, expected: other.name().to_owned() }),
            None => Ok(Self { checkpoint, note: note.to_owned(), keys }),
        }
    }
}
