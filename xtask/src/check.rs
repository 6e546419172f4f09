//! Formatting, lints and the Rust tests.

use anyhow::Result;

use crate::postgres::Cluster;
use crate::{browser, process, python, site};

/// The quick part: no database server, no browser, no Python.
pub fn quick() -> Result<()> {
    formatting()?;
    lints()?;
    process::run(
        process::command(env!("CARGO"))
            .args(["test", "--workspace"])
            .env("COUNTERSIGN_TEST_SQLITE_ONLY", "1")
            .env("COUNTERSIGN_TEST_WITHOUT_PYTHON", "1"),
    )
}

/// Is everything formatted?
pub fn formatting() -> Result<()> {
    process::cargo(&["fmt", "--all", "--check"])
}

/// Lints, of the server's side and of the browser's.
pub fn lints() -> Result<()> {
    site::ensure_wasm_target()?;
    process::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    process::cargo(&[
        "clippy",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "wasm-release",
        "--",
        "-D",
        "warnings",
    ])
}

/// All Rust tests, on SQLite and on a PostgreSQL that is started for them, with a Python for the second verifier of the log.
pub fn tests_on_both_databases() -> Result<()> {
    browser::ensure_debian_packages()?;
    let python = python::environment("verifier", "crates/audit-verify/second/requirements.txt")?;
    let cluster = Cluster::start()?;
    process::run(
        process::command(env!("CARGO"))
            .args(["test", "--workspace"])
            .env("COUNTERSIGN_TEST_POSTGRES", cluster.url())
            .env("COUNTERSIGN_TEST_PYTHON", python),
    )
}
