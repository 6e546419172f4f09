//! The key that signs the heads of the log: in a file of the data directory that only its owner may read, made at the first start.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use service::LogSigner;
use service::clock::Clock;
use store::Store;

use super::secret_file;

const FILE: &str = "audit.key";
/// What the group and others may do with the file: nothing.
const OTHERS: u32 = 0o077;

/// The key of this data directory; a new one, if there is none.
pub async fn of(data_dir: &Path, store: &Store) -> Result<LogSigner> {
    let path = data_dir.join(FILE);
    if !path.exists() {
        let signer = LogSigner::make(store, Clock::System).await?;
        secret_file::write(&path, &format!("{}\n", signer.secret_text()))?;
        tracing::info!(verifier_key = signer.verifier(), "a key for the audit log was made: keep {} safe", path.display());
        return Ok(signer);
    }
    let mode = std::fs::metadata(&path)?.permissions().mode();
    ensure!(mode & OTHERS == 0, "{} must be readable by its owner alone: chmod 600", path.display());
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    LogSigner::read(&text).with_context(|| format!("{} holds no key", path.display()))
}
