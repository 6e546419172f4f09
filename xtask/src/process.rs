//! Starting other programs: what is started is shown, and a failure names it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// A command that starts in the workspace's folder.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<()> {
    eprintln!("\n$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    if status.success() { Ok(()) } else { bail!("{} ended with {status}", shown(command)) }
}

/// Runs cargo in the workspace.
pub fn cargo(arguments: &[&str]) -> Result<()> {
    run(command(env!("CARGO")).args(arguments))
}

/// The standard output of a command, or `None` if it fails or does not exist.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Is this process allowed to install packages?
pub fn is_root() -> bool {
    output_of(command("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// Installs a Debian package if a path that it brings is missing; otherwise says what to install.
pub fn ensure_debian_package(package: &str, brings: &Path) -> Result<()> {
    if brings.exists() {
        return Ok(());
    }
    let may_install = is_root() && Path::new("/usr/bin/apt-get").exists();
    if !may_install {
        bail!("{} is missing: install the package `{package}` and try again", brings.display());
    }
    run(command("apt-get").args(["update", "-qq"]))?;
    run(command("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    command.get_args().fold(program, |line, argument| format!("{line} {}", argument.to_string_lossy()))
}
