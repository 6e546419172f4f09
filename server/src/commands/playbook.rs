//! `countersign playbook`: checks playbooks without a server.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use playbooks::testing::check_tests;
use playbooks::{Library, LibraryFile, Playbook};
use service::clock::Clock;

use super::open;

/// Check playbooks and run their embedded tests.
#[derive(Args)]
pub struct PlaybookCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check files and folders; every error names its file and place.
    Lint {
        /// Files, or folders of .yaml files; by default the shipped playbooks.
        paths: Vec<PathBuf>,
    },
    /// Check files and folders, and run the tests that they carry.
    Test {
        /// Files, or folders of .yaml files; by default the shipped playbooks.
        paths: Vec<PathBuf>,
    },
}

impl PlaybookCommand {
    pub fn run(self) -> Result<()> {
        match self.what {
            What::Lint { paths } => {
                let playbooks = load(&paths)?;
                println!("{} playbooks are well-formed", playbooks.len());
                Ok(())
            }
            What::Test { paths } => test(&load(&paths)?),
        }
    }
}

fn load(paths: &[PathBuf]) -> Result<Vec<Playbook>> {
    let files = if paths.is_empty() { playbooks::library::shipped_files() } else { files(paths)? };
    let (mut playbooks, mut errors) = (Vec::new(), Vec::new());
    for file in &files {
        match Playbook::parse(&file.name, &file.bytes) {
            Ok(playbook) => playbooks.push(playbook),
            Err(faults) => errors.extend(faults),
        }
    }
    if errors.is_empty() { Ok(playbooks) } else { bail!("{} errors:\n{}", errors.len(), open::lines(&errors)) }
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

fn test(playbooks: &[Playbook]) -> Result<()> {
    let library = Library::shipped().map_err(|errors| anyhow::anyhow!(open::lines(&errors)))?;
    let mut failed = 0;
    for playbook in playbooks {
        let failures = check_tests(playbook, &library, Clock::System.now());
        let count = playbook.document().tests.len();
        println!("{}: {} of {count} tests passed", playbook.id(), count.saturating_sub(failures.len()));
        for failure in &failures {
            println!("  {}: {}", failure.test, failure.detail);
        }
        failed += failures.len();
    }
    if failed == 0 { Ok(()) } else { bail!("{failed} expectations were not met") }
}
