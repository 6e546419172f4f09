//! `cargo xtask <word>`: every command a person or CI needs. It needs nothing but the Rust toolchain and a fresh clone; what a
//! command uses beyond that it installs, or says what to install.

mod bench;
mod browser;
mod check;
mod fuzz;
mod fuzz_files;
mod parts;
mod postgres;
mod process;
mod python;
mod site;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, runs and tests Countersign.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Build (release) and start a server with demo people, sources and alerts; prints the address and the passwords.
    Demo {
        /// Passed on to `countersign demo`, for example `--port 8080 --quiet`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build the browser side and the server (release): target/release/countersign. Starts nothing.
    Build,
    /// Everything a change must pass: formatting, lints, unit and integration tests on SQLite and PostgreSQL, browser tests.
    Test,
    /// The quick part: formatting, lints (native and wasm) and the tests that need no database server and no browser.
    Check,
    /// Browser tests alone. Arguments are passed on to Playwright.
    E2e {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measure a release build and print the figures: `cargo xtask bench ingest`, `audit` or `browser`.
    Bench {
        /// The subject, and what `bench` understands beside it, for example `ingest --seconds 10`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<String>,
    },
    /// Fuzz the REST API against its OpenAPI document as every caller, with schemathesis (needs Python 3.10 or newer).
    FuzzApi {
        /// Cases to send at least.
        #[arg(long, default_value_t = fuzz::CASES, value_name = "N")]
        cases: u32,
    },
    /// Fuzz every parser of the audit log's files with cargo-fuzz, which is installed if it is missing.
    FuzzFiles {
        /// How long each parser is fuzzed.
        #[arg(long, default_value_t = 60, value_name = "N")]
        seconds: u32,
    },
    /// Debug build and a demo server, rebuilt and restarted whenever a source file changes.
    Dev,
}

fn main() -> Result<()> {
    match Arguments::parse().word {
        Word::Demo { arguments } => demo(&arguments),
        Word::Build => build(),
        Word::Test => test(),
        Word::Check => check::quick(),
        Word::E2e { arguments } => browser::build_and_test(&arguments),
        Word::Bench { arguments } => bench::run(&arguments),
        Word::FuzzApi { cases } => fuzz::test(cases),
        Word::FuzzFiles { seconds } => fuzz_files::test(seconds),
        Word::Dev => workspace::rebuild_on_change(),
    }
}

fn build() -> Result<()> {
    site::build()?;
    process::cargo(&["build", "--release", "--package", "server"])?;
    println!("built {}", workspace::release_binary().display());
    Ok(())
}

fn demo(arguments: &[String]) -> Result<()> {
    build()?;
    process::run(process::command(workspace::release_binary()).arg("demo").args(arguments))
}

fn test() -> Result<()> {
    check::formatting()?;
    check::lints()?;
    browser::prepare()?;
    check::tests_on_both_databases()?;
    browser::test(&[])
}
