//! The command line: one binary, one file per command. This is the only part that puts the crates together.

mod config;
mod demo;
mod key;
mod lock;
mod logs;
mod migrate;
mod open;
mod output;
mod playbook;
mod samples;
mod secret_file;
pub mod serve;
mod user;
mod watch;

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
    /// Bring the database's schema up to date.
    Migrate(migrate::Migrate),
    /// Add people, set passwords, disable accounts.
    User(user::UserCommand),
    /// Create and revoke API keys.
    Key(key::KeyCommand),
    /// Check, test, plan, compare and write out playbooks.
    Playbook(playbook::PlaybookCommand),
    /// Show the shipped sample alerts, or post them.
    Samples(samples::Samples),
}

impl CommandLine {
    /// Runs the command to its end.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Config(command) => command.run(),
            Command::Playbook(command) => block_on(command.run()),
            Command::Samples(command) => block_on(command.run()),
            Command::Serve(command) => block_on(command.run()),
            Command::Demo(command) => block_on(command.run()),
            Command::Migrate(command) => block_on(command.run()),
            Command::User(command) => block_on(command.run()),
            Command::Key(command) => block_on(command.run()),
        }
    }
}

/// Rendering a page nests deeply, most of all in debug builds; only what is touched takes memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).enable_all().build()?.block_on(work)
}
