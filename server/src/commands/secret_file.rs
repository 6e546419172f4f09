//! A file that only its owner may read, put into place whole.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Writes `text` to `path` with mode 0600: beside it first, then renamed.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("part");
    if beside.exists() {
        fs::remove_file(&beside)?;
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&beside)
        .with_context(|| format!("cannot write {}", beside.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}
