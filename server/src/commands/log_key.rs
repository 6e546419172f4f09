//! The keys with which this server signs the heads of audit logs: in a file of the data directory that only its owner may read, one key a line
//! for each log that the server ever began or joined.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use service::clock::Clock;
use service::{LogSigner, ServiceError, SigningKeys};
use store::Store;

use super::secret_file;

const FILE: &str = "audit.key";
/// What the group and others may do with the file: nothing.
const OTHERS: u32 = 0o077;

/// This server's key for the log of this store, on record there; a new one, if there is none yet.
async fn of(data_dir: &Path, store: &Store) -> Result<LogSigner> {
    let path = data_dir.join(FILE);
    loop {
        let origin = LogSigner::origin_of(store).await?;
        let mut keys = kept(&path)?;
        let known = keys.iter().find(|key| origin.as_deref().is_none_or(|origin| key.origin() == origin)).cloned();
        let signer = match known {
            Some(signer) => signer,
            None => {
                let signer = LogSigner::make(store, Clock::System).await?;
                keys.push(signer.clone());
                keep(&path, &keys)?;
                tracing::info!(
                    verifier_key = signer.verifier(),
                    "a key for the audit log was made: keep {} safe",
                    path.display()
                );
                signer
            }
        };
        let signed_in = signer.sign_in(store, Clock::System).await;
        // Another server may have begun the log in the meantime, under its own name.
        if signed_in.is_ok() || LogSigner::origin_of(store).await? == origin {
            return Ok(signed_in.map(|()| signer)?);
        }
    }
}

/// Puts a new key in the place of the one with which this server signs; a server that runs signs its next head with it. Gives its verifier key.
pub async fn rotate(data_dir: &Path, store: &Store) -> Result<String> {
    let older = of(data_dir, store).await?;
    let newer = LogSigner::make(store, Clock::System).await?;
    let path = data_dir.join(FILE);
    let others = kept(&path)?.into_iter().filter(|key| key.verifier() != older.verifier());
    let keys: Vec<LogSigner> = others.chain([newer.clone()]).collect();
    // First the file: whoever signs over the entry finds the new key.
    keep(&path, &keys)?;
    newer.replace(store, Clock::System, &older).await?;
    Ok(newer.verifier())
}

/// The key of this file for one log, read anew for each head.
pub struct KeyFile {
    path: PathBuf,
    origin: String,
}

impl KeyFile {
    /// The key that this server has for the log of this store, on record there.
    pub async fn of(data_dir: &Path, store: &Store) -> Result<Self> {
        let signer = of(data_dir, store).await?;
        Ok(Self { path: data_dir.join(FILE), origin: signer.origin().to_owned() })
    }
}

impl SigningKeys for KeyFile {
    fn current(&self) -> Result<LogSigner, ServiceError> {
        let unreadable = |reason: String| ServiceError::Corrupt(format!("the key of the audit log: {reason}"));
        let keys = kept(&self.path).map_err(|error| unreadable(format!("{error:#}")))?;
        let of_log = keys.into_iter().find(|key| key.origin() == self.origin);
        of_log.ok_or_else(|| unreadable(format!("{} has none for {}", self.path.display(), self.origin)))
    }
}

fn kept(path: &Path) -> Result<Vec<LogSigner>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mode = std::fs::metadata(path)?.permissions().mode();
    ensure!(mode & OTHERS == 0, "{} must be readable by its owner alone: chmod 600", path.display());
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .map(|line| LogSigner::read(line).with_context(|| format!("{} holds a line that is no key", path.display())))
        .collect()
}

fn keep(path: &Path, keys: &[LogSigner]) -> Result<()> {
    let lines: String = keys.iter().map(|key| format!("{}\n", key.secret_text())).collect();
    secret_file::write(path, &lines)
}
