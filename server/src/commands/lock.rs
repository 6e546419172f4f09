//! One server per embedded database: an operating-system lock on `DIR/lock` that dies with the process.

use std::fs::{File, OpenOptions};
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Held as long as the server runs.
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of this data directory.
    pub fn take(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                bail!("another server is using {}; stop it first, or give this one its own --data-dir", data_dir.display())
            }
            Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
    }
}
