//! `audit-verify EXPORT`: verifies an export of Countersign's audit log, without Countersign.

use std::io::{Write as _, stderr, stdout};
use std::process::ExitCode;

use audit_verify::Verify;
use clap::Parser;
use domain::visible::{Place, visible};

/// A verifier makes and frees a few small values for each entry, on all processors; see docs/decisions.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Verify an export of Countersign's audit log, without Countersign.
#[derive(Parser)]
#[command(name = "audit-verify", version)]
struct Arguments {
    #[command(flatten)]
    verify: Verify,
}

fn main() -> ExitCode {
    match Arguments::parse().verify.run() {
        Ok(verdict) => {
            let _ = writeln!(stdout(), "{}", visible(&verdict.to_string(), Place::Lines));
            ExitCode::SUCCESS
        }
        Err(fault) => {
            let _ = writeln!(stderr(), "not as it was signed: {}", visible(&fault.to_string(), Place::Lines));
            ExitCode::FAILURE
        }
    }
}
