//! The command line: one binary, one file per command. This is the only part that puts the crates together.

mod audit;
mod backup;
mod config;
mod demo;
mod head_copies;
mod key;
mod lock;
mod log_key;
mod logs;
mod migrate;
mod open;
pub mod output;
mod playbook;
mod samples;
mod secret_file;
pub mod serve;
mod user;
pub mod verifying;
mod watch;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Self-hosted security orchestration: alerts in, incidents out, and nothing dangerous without a second signature.
#[derive(Parser)]
#[command(name = "countersign", version)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server; migrates the database first.
    Serve(serve::Serve),
    /// Start a server with demo people, sources and a stream of realistic alerts.
    Demo(demo::Demo),
    /// Print every setting with its value and where it comes from.
    Config(config::Config),
    /// Bring the database's schema up to date, or see how it stands.
    Migrate(migrate::Migrate),
    /// Copy the database into a file, while servers run.
    Backup(backup::Backup),
    /// Put a backup in the place of the database, while no server runs.
    Restore(backup::Restore),
    /// Add people, set passwords, disable accounts.
    User(user::UserCommand),
    /// Create, list and revoke API keys.
    Key(key::KeyCommand),
    /// Verify the audit log, replace its key, erase what an entry says of people.
    Audit(audit::AuditCommand),
    /// Check, test, plan, compare and write out playbooks.
    Playbook(playbook::PlaybookCommand),
    /// Show the shipped sample alerts, or post them.
    Samples(samples::Samples),
}

impl CommandLine {
    /// Runs the command to its end. An error is exit code 1; what else a code means stands with the command.
    pub fn run(self) -> Result<ExitCode> {
        let done = match self.command {
            Command::Migrate(command) => return block_on(command.run()),
            Command::Config(command) => command.run(),
            Command::Audit(command) => block_on(command.run()),
            Command::Playbook(command) => block_on(command.run()),
            Command::Samples(command) => block_on(command.run()),
            Command::Serve(command) => block_on(command.run()),
            Command::Demo(command) => block_on(command.run()),
            Command::Backup(command) => block_on(command.run()),
            Command::Restore(command) => block_on(command.run()),
            Command::User(command) => block_on(command.run()),
            Command::Key(command) => block_on(command.run()),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// Rendering a page nests deeply, most of all in debug builds; only what is touched takes memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build()?.block_on(work)
}
