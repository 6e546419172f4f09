//! The entry point: parse the command line, run the command, turn an error into an exit code.

#![recursion_limit = "512"]

use std::process::ExitCode;

use clap::Parser as _;
use server::commands::CommandLine;
use server::commands::output::tell_error;

/// glibc's keeps the 19 MiB of each password hash for itself, once it has freed the first; see docs/decisions.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match CommandLine::parse().run() {
        Ok(code) => code,
        Err(error) => {
            tell_error(&error);
            ExitCode::FAILURE
        }
    }
}
