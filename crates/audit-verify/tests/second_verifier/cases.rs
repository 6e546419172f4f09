//! A file with what its reader knows, and what both verifiers say of it.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use audit_verify::Verify;
use clap::Parser;

use crate::logs::{Log, pinned, text_of};

const VERIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/second/verify.py");

/// An export or a proof file, and what the one who verifies it has from elsewhere.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub text: Vec<u8>,
    pub keys: Vec<String>,
    pub kept: Option<String>,
    /// What it must be; `None` where only the agreement counts.
    pub sound: Option<bool>,
}

impl Case {
    /// A log whose keys are pinned, and of which no head was kept.
    pub fn log(name: impl Into<String>, text: Vec<u8>) -> Self {
        Self { name: name.into(), text, keys: pinned(), kept: None, sound: None }
    }

    /// A log as its server writes it, with a kept head of half of it.
    pub fn whole(log: &Log) -> Self {
        let size = log.entries.len();
        let case = Self::log(format!("a log of {size}"), text_of(&log.lines()));
        Self { kept: Some(log.kept(size / 2)), ..case }
    }

    /// It must be sound, or must not be.
    pub fn expect(self, sound: bool) -> Self {
        Self { sound: Some(sound), ..self }
    }
}

/// The command line of the Rust verifier.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    verify: Verify,
}

/// What a verifier said, as it said it, and whether that is that the file is sound.
#[derive(Clone, Debug)]
pub struct Said {
    pub sound: bool,
    pub text: String,
}

/// Has both verifiers judge each file; gives what the Rust one said of it, and the Python one.
pub fn judge(cases: &[Case], python: &str) -> Vec<(Said, Said)> {
    let folder = tempfile::tempdir().unwrap();
    for (number, case) in cases.iter().enumerate() {
        let write = |extension: &str, content: &[u8]| {
            std::fs::write(folder.path().join(format!("{number}.{extension}")), content).unwrap()
        };
        write("file", &case.text);
        write("keys", case.keys.join("\n").as_bytes());
        if let Some(kept) = &case.kept {
            write("kept", kept.as_bytes());
        }
    }
    let second = by_python(folder.path(), python);
    let pair = |number: usize| (by_rust(folder.path(), number, &cases[number]), second[&format!("{number}.file")].clone());
    (0..cases.len()).map(pair).collect()
}

fn by_rust(folder: &Path, number: usize, case: &Case) -> Said {
    let mut arguments = vec!["audit-verify".to_owned(), folder.join(format!("{number}.file")).display().to_string()];
    arguments.extend(case.keys.iter().map(|key| format!("--key={key}")));
    if case.kept.is_some() {
        arguments.push(format!("--checkpoint={}", folder.join(format!("{number}.kept")).display()));
    }
    match Arguments::parse_from(arguments).verify.run() {
        Ok(verified) => Said { sound: true, text: verified.to_string() },
        Err(fault) => Said { sound: false, text: fault.to_string() },
    }
}

fn by_python(folder: &Path, python: &str) -> HashMap<String, Said> {
    let output = Command::new(python).arg("-B").arg(VERIFIER).arg("--batch").arg(folder).output().unwrap();
    let (said, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && complaints.is_empty(), "{VERIFIER} failed: {complaints}");
    said.lines()
        .map(|line| {
            let (name, text) = line.split_once(' ').unwrap();
            (name.to_owned(), Said { sound: text.starts_with("ok: "), text: text.to_owned() })
        })
        .collect()
}

/// The Python with the packages of the second verifier; `None` only where the tests are told to do without.
#[expect(clippy::disallowed_methods, reason = "the test command says where Python is")]
pub fn python() -> Option<String> {
    let Ok(python) = std::env::var("COUNTERSIGN_TEST_PYTHON") else {
        assert!(
            std::env::var("COUNTERSIGN_TEST_WITHOUT_PYTHON").is_ok(),
            "set COUNTERSIGN_TEST_PYTHON to a Python that has the packages of crates/audit-verify/second/requirements.txt, \
             or run `cargo xtask test`, which does"
        );
        return None;
    };
    Some(python)
}
