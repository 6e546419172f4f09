//! Coverage-guided fuzzing of every parser of the log's files: notes, proofs, keys, exports. The targets are in `fuzz/`.

use anyhow::Result;

use crate::{process, workspace};

const TARGETS: [&str; 4] = ["checkpoint", "proof_file", "verifier_key", "export"];
/// Longer inputs find nothing that shorter ones do not.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// Fuzzes each target for so many seconds; a finding ends it, and stands in `fuzz/artifacts`.
pub fn test(seconds: u32) -> Result<()> {
    if process::output_of(process::command("cargo").args(["fuzz", "--version"])).is_none() {
        process::run(process::command("cargo").args(["install", "--locked", "cargo-fuzz"]))?;
    }
    for target in TARGETS {
        let mut fuzzing = process::command("cargo");
        // The sanitizer's flags are for nightly compilers; this lets the pinned one take them.
        fuzzing.env("RUSTC_BOOTSTRAP", "1").current_dir(workspace::root());
        fuzzing.args(["fuzz", "run", "--fuzz-dir", "fuzz", target, "--"]);
        fuzzing.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
        process::run(&mut fuzzing)?;
    }
    Ok(())
}
