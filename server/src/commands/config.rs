//! `countersign config`: every setting, its value and where that comes from. Secrets are masked.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::output::Output;
use crate::config::{Environment, Origin, Row, ServerFlags, Values};

/// Print every setting with its value and where it comes from: flag, environment, file or default.
#[derive(Args)]
pub struct Config {
    #[command(flatten)]
    flags: ServerFlags,
    #[command(flatten)]
    output: Output,
}

impl Config {
    pub fn run(&self) -> Result<()> {
        let environment = Environment::of_process();
        let values = Values::read(&self.flags.0, &environment)?;
        self.output.say(text(&values, &environment), &document(&values, &environment))
    }
}

fn text(values: &Values, environment: &Environment) -> String {
    let file = values.file.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
    let rows = values.rows();
    let cells: Vec<(&str, String, String)> = rows.iter().map(|row| (row.key, value(row), row.origin.to_string())).collect();
    let widths = cells.iter().fold((0, 0), |(key, value), cell| (key.max(cell.0.len()), value.max(cell.1.chars().count())));
    let mut lines = vec![format!("file: {file}"), String::new()];
    lines.extend(cells.iter().map(|(key, value, origin)| format!("{key:<0$}  {value:<1$}  {origin}", widths.0, widths.1)));
    let unknown = environment.unknown();
    if !unknown.is_empty() {
        lines.push(format!("\nnot a setting, and ignored: {}", unknown.join(", ")));
    }
    lines.join("\n")
}

fn value(row: &Row) -> String {
    row.value.clone().unwrap_or_else(|| format!("({})", row.otherwise.unwrap_or_default()))
}

fn document(values: &Values, environment: &Environment) -> Value {
    let row = |row: Row| {
        let (origin, place) = match &row.origin {
            Origin::Flag(flag) => ("flag", Some(format!("--{flag}"))),
            Origin::Environment(name) => ("environment", Some((*name).to_owned())),
            Origin::File(path, line) => ("file", Some(format!("{}:{line}", path.display()))),
            Origin::Default => ("default", None),
        };
        json!({ "key": row.key, "value": row.value, "origin": origin, "place": place })
    };
    let settings: Vec<Value> = values.rows().into_iter().map(row).collect();
    json!({ "file": values.file, "settings": settings, "ignored": environment.unknown() })
}
