//! `countersign playbook`: checks, tests, plans, compares and writes out playbooks, without a server.

mod checking;
mod showing;
mod versions;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::output::Output;
use crate::config::PlaybookFlags;

/// Check, test, plan, compare and write out playbooks. Exits with 1 if something is wrong with them, with 2 if with the arguments.
#[derive(Args)]
pub struct PlaybookCommand {
    #[command(flatten)]
    data: PlaybookFlags,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Check files and folders: every fault at once, with its file, line, column and what was expected.
    Lint {
        /// Files, or folders of .yaml files; by default the shipped playbooks.
        paths: Vec<PathBuf>,
    },
    /// Check files and folders, and run the tests that they carry.
    Test {
        /// Files, or folders of .yaml files; by default the shipped playbooks.
        paths: Vec<PathBuf>,
    },
    /// Show the plan that an alert would get: which steps with which parameters, and who must sign.
    ///
    /// Example: countersign playbook plan alert.json --playbook my_phishing.yaml
    Plan {
        /// A file with one alert in the native format; `-` reads it from the standard input.
        alert: PathBuf,
        /// A file, or the id of a playbook in force; by default the one that would be proposed.
        #[arg(long, value_name = "FILE|ID")]
        playbook: Option<String>,
    },
    /// Show how two versions differ: by steps and rules, not by lines.
    ///
    /// Each is a file, the id of a playbook (what is in force), or ID@DIGEST (a stored version; the digest's start is enough).
    Diff { before: String, after: String },
    /// Print the JSON Schema of a playbook, for editors.
    Schema,
    /// Write the shipped playbooks out, to be changed. A file that is there already is left alone.
    Eject {
        /// The folder; it is made if it is not there.
        folder: PathBuf,
        /// Replace files that are there already.
        #[arg(long)]
        force: bool,
    },
}

impl PlaybookCommand {
    pub async fn run(self) -> Result<()> {
        match self.what {
            What::Lint { paths } => checking::lint(&paths, self.output),
            What::Test { paths } => checking::test(&paths, self.output),
            What::Plan { alert, playbook } => showing::plan(&self.data, (&alert, playbook), self.output).await,
            What::Diff { before, after } => showing::diff(&self.data, (&before, &after), self.output).await,
            What::Schema => showing::schema(),
            What::Eject { folder, force } => showing::eject(&folder, force, self.output),
        }
    }
}
