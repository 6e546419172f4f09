//! `countersign migrate`: the schema, brought up to date or looked at.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use store::{ChangeState, SchemaChange};

use super::open;
use super::output::Output;
use crate::config::{DataConfig, DataFlags};

/// What `status` ends with when the schema is not the one of this version.
const DIFFERS: u8 = 3;

/// Bring the database's schema up to date, or see how it stands.
#[derive(Args)]
pub struct Migrate {
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Copy, Subcommand)]
enum What {
    /// Apply every pending change, and stop. `serve` does the same at its start.
    Up,
    /// List applied and pending changes; changes nothing. Exit code 0: up to date; 3: something is pending, or comes from a newer version; 1: failed.
    Status,
}

impl Migrate {
    pub async fn run(self) -> Result<ExitCode> {
        let config = open::data(&self.data)?;
        match self.what {
            What::Up => {
                let store = open::store(&config).await?;
                let changes = store.schema_changes().await?;
                store.close().await?;
                self.output.say("the schema is up to date", &document(&changes))?;
                Ok(ExitCode::SUCCESS)
            }
            What::Status => {
                let changes = changes(&config).await?;
                self.output.say(text(&changes), &document(&changes))?;
                let up_to_date = changes.iter().all(|change| change.state == ChangeState::Applied);
                Ok(if up_to_date { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
            }
        }
    }
}

async fn changes(config: &DataConfig) -> Result<Vec<SchemaChange>> {
    let file = config.sqlite_file();
    if file.as_deref().is_some_and(|file| !Path::new(file).exists()) {
        return Ok(SchemaChange::all_pending());
    }
    let store = open::unmigrated_store(config).await?;
    let changes = store.schema_changes().await?;
    store.close().await?;
    Ok(changes)
}

fn text(changes: &[SchemaChange]) -> String {
    let lines: Vec<String> = changes.iter().map(|change| format!("{:<8} {}", word(change.state), change.name)).collect();
    lines.join("\n")
}

fn document(changes: &[SchemaChange]) -> serde_json::Value {
    let named = |state| changes.iter().filter(|change| change.state == state).map(|change| &change.name).collect::<Vec<_>>();
    json!({
        "applied": named(ChangeState::Applied),
        "pending": named(ChangeState::Pending),
        "unknown": named(ChangeState::Unknown),
    })
}

const fn word(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Applied => "applied",
        ChangeState::Pending => "pending",
        ChangeState::Unknown => "unknown",
    }
}
