//! The browser tests: Playwright in Debian's chromium against the debug server.

use std::path::Path;

use anyhow::{Result, bail};

use crate::{process, site, workspace};

/// Builds what is tested, installs what the tests use, and runs them.
pub fn build_and_test(arguments: &[String]) -> Result<()> {
    prepare()?;
    process::cargo(&["build", "--package", "server"])?;
    test(arguments)
}

/// Installs what the tests use and builds the browser side. The server embeds it: so it comes first.
pub fn prepare() -> Result<()> {
    ensure_debian_packages()?;
    ensure_npm_packages()?;
    site::build()
}

/// Runs them against the debug server that is there: the Rust tests have built it, and with their features of shared dependencies a
/// build of its own would compile most of those again.
pub fn test(arguments: &[String]) -> Result<()> {
    playwright(&["test"], arguments, &workspace::debug_binary())
}

/// Prints the figures of the browser side, with the release server that is there.
pub fn measure(arguments: &[String]) -> Result<()> {
    playwright(&["test", "--config", "bench.config.ts"], arguments, &workspace::release_binary())
}

fn playwright(word: &[&str], arguments: &[String], binary: &Path) -> Result<()> {
    let mut playwright = process::command("npx");
    playwright.arg("playwright").args(word).args(arguments);
    process::run(playwright.current_dir(workspace::root().join("end2end")).env("COUNTERSIGN_BINARY", binary))
}

/// Chromium and PostgreSQL, as Debian packages them.
pub fn ensure_debian_packages() -> Result<()> {
    process::ensure_debian_package("chromium", Path::new("/usr/bin/chromium"))?;
    let has_server = std::fs::read_dir("/usr/lib/postgresql")
        .is_ok_and(|versions| versions.flatten().any(|version| version.path().join("bin/initdb").exists()));
    if has_server { Ok(()) } else { process::ensure_debian_package("postgresql", Path::new("/usr/lib/postgresql/initdb")) }
}

fn ensure_npm_packages() -> Result<()> {
    if process::output_of(process::command("npm").arg("--version")).is_none() {
        bail!("npm is missing: install Node.js 20 or newer and try again");
    }
    let end2end = workspace::root().join("end2end");
    process::run(
        process::command("npm")
            .arg("ci")
            .arg("--no-audit")
            .arg("--no-fund")
            .current_dir(end2end)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )
}
