//! `bench <subject>`: measures a release build of the server and prints each figure beside what it is compared with, as a table and
//! as JSON. Nothing here passes or fails: a figure depends on the machine, a test must not. `cargo xtask bench` builds and starts it.

mod alerts;
mod audit;
mod figure;
mod ingest;
mod load;
mod raw_sqlite;
mod server;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures a release build of the server.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Alerts a second: single and in batches, on SQLite and PostgreSQL, beside the bare route and a raw SQLite program.
    Ingest(ingest::Ingest),
    /// The audit log: what it costs ingestion; a proof, the export and its verification at a million entries.
    Audit(audit::Audit),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().subject {
        Subject::Ingest(ingest) => ingest.run().await,
        Subject::Audit(audit) => audit.run().await,
    }
}
