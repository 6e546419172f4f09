//! `countersign audit`: verify the log, from an export, a proof of one entry, or the database itself.

use anyhow::{Context as _, Result, ensure};
use audit_verify::{LogReader, Trusted, Verdict, Verify};
use clap::{Args, Subcommand};
use store::KeptLog;

use super::open;
use super::output::tell;
use crate::config::DataFlags;

/// Verify the audit log.
#[derive(Args)]
pub struct AuditCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Verify an export of the log, or the proof of one entry: offline, with nothing but the file and the key.
    ///
    /// Example: countersign audit verify audit-log.ndjson --key audit.pub --checkpoint kept.note
    Verify(Verify),
    /// Verify the log in the database, read-only; servers may run meanwhile.
    ///
    /// Example: countersign audit verify-database --data-dir data --key audit.pub --checkpoint kept.note
    VerifyDatabase(VerifyDatabase),
}

/// The log where it is kept. Exit code 0: it is as it was signed; 1: it is not, or cannot be read.
#[derive(Args)]
struct VerifyDatabase {
    #[command(flatten)]
    trusted: Trusted,
    #[command(flatten)]
    data: DataFlags,
}

impl AuditCommand {
    pub async fn run(self) -> Result<()> {
        match self.what {
            What::Verify(verify) => tell(verify.run()?),
            What::VerifyDatabase(verify) => tell(verify.run().await?),
        }
        Ok(())
    }
}

impl VerifyDatabase {
    async fn run(&self) -> Result<Verdict> {
        let trust = self.trusted.read()?;
        let log = KeptLog::open(&open::data(&self.data)?.database_url()).await.context("cannot open the database")?;
        let (size, notes) = (log.size().await?.unsigned_abs(), log.notes().await?);
        let mut reader = LogReader::default();
        while reader.size() < size {
            let entries = log.entries(i64::try_from(reader.size())?).await?;
            ensure!(!entries.is_empty(), "the log says {size} entries, and there are {}", reader.size());
            // What was logged since is not looked at.
            for entry in entries.iter().take(usize::try_from(size - reader.size())?) {
                reader.add(entry)?;
            }
        }
        let verdict = reader.conclude(&notes, &log.verifier_keys().await?, &trust)?;
        log.close().await?;
        Ok(verdict)
    }
}
