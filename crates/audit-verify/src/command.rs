//! The command line of verifying, shared by `countersign audit verify` and the program `audit-verify`.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use transparency::{CheckpointError, NOTE_BYTES_MAX, PROOF_FILE_BYTES_MAX, VerifierKey};

use crate::{Fault, ProvedEntry, Trust, Verdict, verify_export, verify_proof};

/// How a proof file begins.
const PROOF_START: &[u8] = b"c2sp.org/tlog-proof@";

/// Verify an export of the audit log, or the proof of one entry, offline. Exit code 0: it is as it was signed; 1: it is not, or cannot be read.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// An export (GET /api/v1/audit/export) or a proof (GET /api/v1/audit/proof/file); `-` is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    trusted: Trusted,
}

/// What the one who verifies has from elsewhere.
#[derive(Args, Clone, Debug)]
pub struct Trusted {
    /// A verifier key that you have from elsewhere, or a file that holds one; repeat it for each server and rotation. Without it a log is
    /// checked against the keys that it carries.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// A signed head that you kept: the log must continue it.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// What was verified.
#[derive(Clone, Debug, PartialEq)]
pub enum Verified {
    Log(Verdict),
    Entry(ProvedEntry),
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(verdict) => verdict.fmt(f),
            Self::Entry(entry) => entry.fmt(f),
        }
    }
}

impl Verify {
    /// Reads and verifies.
    pub fn run(&self) -> Result<Verified, Fault> {
        let trust = self.trusted.read()?;
        if self.file == Path::new("-") {
            return verify(BufReader::new(stdin()), &trust);
        }
        verify(BufReader::new(File::open(&self.file)?), &trust)
    }
}

impl Trusted {
    /// Reads the files that are named.
    pub fn read(&self) -> Result<Trust, Fault> {
        let keys = self.keys.iter().map(|text| key(text)).collect::<Result<_, _>>()?;
        Ok(Trust { keys, kept: self.checkpoint.as_deref().map(note).transpose()? })
    }
}

fn verify(mut input: impl BufRead + Send, trust: &Trust) -> Result<Verified, Fault> {
    if !input.fill_buf()?.starts_with(PROOF_START) {
        return verify_export(input, trust).map(Verified::Log);
    }
    let mut text = String::new();
    input.take(PROOF_FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text)?;
    verify_proof(&text, trust).map(Verified::Entry)
}

fn key(text: &str) -> Result<VerifierKey, Fault> {
    let text = if Path::new(text).is_file() { std::fs::read_to_string(text)? } else { text.to_owned() };
    text.trim().parse().map_err(Fault::Key)
}

fn note(path: &Path) -> Result<String, Fault> {
    let too_long = std::fs::metadata(path)?.len() > NOTE_BYTES_MAX as u64;
    if too_long {
        return Err(Fault::Kept(CheckpointError::TooLong));
    }
    Ok(std::fs::read_to_string(path)?)
}
