//! `countersign audit`: verify an export of the log, offline.

use anyhow::Result;
use audit_verify::Verify;
use clap::{Args, Subcommand};

use super::output::tell;

/// Verify the audit log.
#[derive(Args)]
pub struct AuditCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Verify an export of the log: offline, with nothing but the file and the key.
    ///
    /// Example: countersign audit verify audit-log.ndjson --key audit.pub --checkpoint kept.note
    Verify(Verify),
}

impl AuditCommand {
    pub fn run(self) -> Result<()> {
        let What::Verify(verify) = self.what;
        tell(verify.run()?);
        Ok(())
    }
}
