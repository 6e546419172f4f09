//! The command line of verifying, shared by `countersign audit verify` and the program `audit-verify`.

use std::fs::File;
use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};

use clap::Args;
use transparency::{NOTE_BYTES_MAX, VerifierKey};

use crate::{Fault, Trust, Verdict, verify_export};

/// Verify an export of the audit log, offline. Exit code 0: it is as it was signed; 1: it is not, or cannot be read.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// The export (GET /api/v1/audit/export); `-` is standard input.
    #[arg(default_value = "-")]
    export: PathBuf,
    /// A verifier key that you have from elsewhere, or a file that holds one; repeat after a rotation. Without it the log is checked against
    /// the key that it carries.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// A signed head that you kept: the log must continue it.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

impl Verify {
    /// Reads and verifies.
    pub fn run(&self) -> Result<Verdict, Fault> {
        let trust = Trust {
            keys: self.keys.iter().map(|text| key(text)).collect::<Result<_, _>>()?,
            kept: self.checkpoint.as_deref().map(note).transpose()?,
        };
        if self.export == Path::new("-") {
            return verify_export(stdin().lock(), &trust);
        }
        verify_export(BufReader::new(File::open(&self.export)?), &trust)
    }
}

fn key(text: &str) -> Result<VerifierKey, Fault> {
    let text = if Path::new(text).is_file() { std::fs::read_to_string(text)? } else { text.to_owned() };
    text.trim().parse().map_err(|error| Fault::NoExport(format!("--key: {error}")))
}

fn note(path: &Path) -> Result<String, Fault> {
    let too_long = std::fs::metadata(path)?.len() > NOTE_BYTES_MAX as u64;
    if too_long {
        return Err(Fault::Kept(transparency::CheckpointError::TooLong));
    }
    Ok(std::fs::read_to_string(path)?)
}
