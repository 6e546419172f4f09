//! Files and folders checked, and the tests that they carry run.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use playbooks::testing::{TestFailure, check_tests};
use playbooks::{Library, LibraryFile, LoadError, Playbook};
use serde_json::{Value, json};
use service::clock::Clock;

use crate::commands::open;
use crate::commands::output::{Output, cell};

/// Says which files are well-formed, or every fault.
pub fn lint(paths: &[PathBuf], output: Output) -> Result<()> {
    let (playbooks, faults) = read(paths)?;
    let known: Vec<Value> =
        playbooks.iter().map(|playbook| json!({ "id": playbook.id(), "digest": playbook.digest() })).collect();
    let text = match faults.len() {
        0 => format!("{} playbooks are well-formed", playbooks.len()),
        _ => open::lines(&faults),
    };
    output.say(text, &json!({ "playbooks": known, "errors": faults.iter().map(fault).collect::<Vec<_>>() }))?;
    if faults.is_empty() { Ok(()) } else { bail!("{} faults", faults.len()) }
}

/// Runs the tests of every file that is well-formed; a fault is a failure too.
pub fn test(paths: &[PathBuf], output: Output) -> Result<()> {
    let (playbooks, faults) = read(paths)?;
    let library = Library::shipped().map_err(|errors| anyhow::anyhow!(open::lines(&errors)))?;
    let (mut lines, mut results, mut failed) = (Vec::new(), Vec::new(), faults.len());
    for playbook in &playbooks {
        let failures = check_tests(playbook, &library, Clock::System.now());
        lines.push(summary(playbook, &failures));
        let listed: Vec<Value> =
            failures.iter().map(|failure| json!({ "test": failure.test, "detail": failure.detail })).collect();
        results.push(json!({ "id": playbook.id(), "tests": playbook.document().tests.len(), "failures": listed }));
        failed += failures.len();
    }
    lines.extend(faults.iter().map(ToString::to_string));
    output.say(lines.join("\n"), &json!({ "playbooks": results, "errors": faults.iter().map(fault).collect::<Vec<_>>() }))?;
    if failed == 0 { Ok(()) } else { bail!("{failed} expectations were not met") }
}

fn summary(playbook: &Playbook, failures: &[TestFailure]) -> String {
    let count = playbook.document().tests.len();
    let failed = playbook.document().tests.iter().filter(|test| failures.iter().any(|failure| failure.test == test.name)).count();
    let lines = failures.iter().map(|failure| format!("\n  {}: {}", cell(&failure.test), cell(&failure.detail)));
    format!("{}: {} of {count} tests passed{}", playbook.id(), count - failed, lines.collect::<String>())
}

fn fault(fault: &LoadError) -> Value {
    let mut value = json!(fault.fault());
    value["file"] = json!(fault.file);
    value
}

fn read(paths: &[PathBuf]) -> Result<(Vec<Playbook>, Vec<LoadError>)> {
    let files = if paths.is_empty() { playbooks::library::shipped_files() } else { files(paths)? };
    let (mut playbooks, mut faults) = (Vec::new(), Vec::new());
    for file in &files {
        match Playbook::parse(&file.name, &file.bytes) {
            Ok(playbook) => playbooks.push(playbook),
            Err(found) => faults.extend(found),
        }
    }
    Ok((playbooks, faults))
}

fn files(paths: &[PathBuf]) -> Result<Vec<LibraryFile>> {
    let read = |path: &Path| -> Result<Vec<LibraryFile>> {
        if path.is_dir() {
            return open::folder_files(path);
        }
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(vec![LibraryFile { name: path.display().to_string(), bytes }])
    };
    paths.iter().map(|path| read(path)).collect::<Result<Vec<_>>>().map(|lists| lists.into_iter().flatten().collect())
}
