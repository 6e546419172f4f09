//! Python environments: a folder under `target` for each list of pinned packages, made when it is missing or the list has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::{process, workspace};

/// Succeeds in a Python that is new enough and can make environments. Debian has the second part in a package of its own.
const IS_COMPLETE: &str = "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))";

/// Python with the packages of this file in the workspace, in an environment of this name.
pub fn environment(name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = workspace::target().join(format!("{name}-environment"));
    let (python, wanted) = (folder.join("bin/python"), workspace::root().join(requirements));
    let installed = folder.join("installed.txt");
    if python.exists() && fs::read(&installed).ok() == fs::read(&wanted).ok() {
        return Ok(python);
    }
    ensure_python()?;
    process::run(process::command("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("Python 3.10 or newer is needed")?;
    process::run(process::command(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&wanted))?;
    fs::copy(&wanted, &installed)?;
    Ok(python)
}

fn ensure_python() -> Result<()> {
    if process::output_of(process::command("python3").args(["-c", IS_COMPLETE])).is_some() {
        return Ok(());
    }
    process::ensure_debian_package("python3-venv", Path::new("/usr/lib/python3/ensurepip"))
}
