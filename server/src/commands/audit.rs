//! `countersign audit`: verify the log, from an export, a proof of one entry, or the database itself; replace its key; erase a detail.

use anyhow::{Result, anyhow};
use audit_verify::{Trusted, Verdict, Verify};
use clap::{Args, Subcommand};
use service::log_erasing;

use super::output::tell;
use super::verifying::{verify_database, verify_guards};
use super::{log_key, open};
use crate::config::DataFlags;

/// Verify the audit log, replace its key, erase a detail.
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
    /// Put a new key in the place of the one with which this server signs heads of the log; servers may run meanwhile.
    ///
    /// The new verifier key is printed: pin it beside the old one, which still verifies the heads that it signed.
    RotateKey(RotateKey),
    /// Erase for good what one entry says of people, its detail; the entry and every proof of it stay, and another entry says why.
    ///
    /// Example: countersign audit redact 412 --reason "erasure request of 2026-03-11, ticket 81"
    Redact(Redact),
}

#[derive(Args)]
struct RotateKey {
    #[command(flatten)]
    data: DataFlags,
}

#[derive(Args)]
struct Redact {
    /// The `seq` of the entry.
    seq: i64,
    /// Why, in 10 characters to 4,096 bytes; it is shown with the entry.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    data: DataFlags,
}

/// The log where it is kept. Exit code 0: it is as it was signed; 1: it is not, or cannot be read.
#[derive(Args)]
struct VerifyDatabase {
    #[command(flatten)]
    trusted: Trusted,
    #[command(flatten)]
    data: DataFlags,
}

/// What is said of the log and of its guards; what is wrong with either is said.
fn both(log: Result<Verdict>, guards: Result<Vec<String>>) -> Result<String> {
    match (log, guards) {
        (Ok(verdict), Ok(noted)) => {
            let noted: String = noted.iter().map(|noted| format!("\n  beside that: {noted}")).collect();
            Ok(format!("{verdict}\n  its tables, triggers and constraints are those of this version{noted}"))
        }
        (Err(log), Err(guards)) => Err(anyhow!("{log:#}; {guards:#}")),
        (Err(fault), Ok(_)) | (Ok(_), Err(fault)) => Err(fault),
    }
}

impl AuditCommand {
    pub async fn run(self) -> Result<()> {
        match self.what {
            What::Verify(verify) => tell(verify.run()?),
            What::VerifyDatabase(VerifyDatabase { trusted, data }) => {
                let database = open::data(&data)?.database_url();
                let verified = verify_database(&database, &trusted.read()?).await;
                tell(both(verified, verify_guards(&database).await)?);
            }
            What::RotateKey(RotateKey { data }) => {
                let config = open::data(&data)?;
                let store = open::store(&config).await?;
                tell(log_key::rotate(&config.data_dir, &store).await?);
                store.close().await?;
            }
            What::Redact(Redact { seq, reason, data }) => {
                let store = open::store_of(&data).await?;
                let id = log_erasing::erase_detail(&store, seq, &reason).await?;
                tell(format_args!("the detail of entry {seq} ({id}) is erased"));
                store.close().await?;
            }
        }
        Ok(())
    }
}
