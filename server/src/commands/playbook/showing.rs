//! Plans, differences, the schema, and the shipped files, shown or written out.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use connectors::Registry;
use domain::action::Action;
use domain::alert::parse_alert;
use domain::plan::{Plan, RunMode};
use domain::playbook::PlaybookChange;
use playbooks::testing::facts_of;
use playbooks::{Bindings, ConnectorBinding, Playbook, Starter, Terms};
use serde_json::{Value, json};
use service::clock::Clock;

use super::versions;
use crate::commands::open;
use crate::commands::output::{Output, cell, tell_json};
use crate::config::PlaybookFlags;

/// Shows the plan that an alert would get.
pub async fn plan(data: &PlaybookFlags, (alert, playbook): (&Path, Option<String>), output: Output) -> Result<()> {
    let library = versions::in_force(data).await?;
    let alert: Value = serde_json::from_slice(&bytes_of(alert)?).context("the alert is not JSON")?;
    let listed = |errors: Vec<domain::alert::FieldError>| {
        errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect::<Vec<_>>().join("\n")
    };
    let alert = parse_alert(&alert).map_err(|errors| anyhow!("the alert is not valid:\n{}", listed(errors)))?;
    let (now, named) = (
        Clock::System.now(),
        match &playbook {
            Some(name) => Some(versions::named(data, name).await?),
            None => None,
        },
    );
    let facts = facts_of(alert, &library, now);
    let chosen: &Playbook = match &named {
        Some(playbook) => playbook,
        None => library.propose(&facts, now).context("no playbook fits this alert's type and conditions")?,
    };
    let (config, _) = open::data_and_playbooks(data)?;
    let terms =
        Terms { mode: RunMode::Live, starter: Starter::Person, bindings: &InPlace(Registry::with_outbox(&config.outbox())) };
    let plan = playbooks::plan(chosen, &facts, &terms, now).map_err(|error| anyhow!(listed(error.errors)))?;
    output.say(plan_text(&plan), &plan.clone().digested())
}

struct InPlace(Registry);

impl Bindings for InPlace {
    fn binding(&self, action: Action, mode: RunMode) -> ConnectorBinding {
        let connector = self.0.of(action, mode);
        ConnectorBinding { connector: connector.name().to_owned(), revision: connector.revision() }
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn plan_text(plan: &Plan) -> String {
    let mut lines = vec![format!("{} ({}), plan {}", plan.playbook.id, cell(&plan.playbook.name), plan.digest())];
    lines.push(match plan.approval.required {
        true => format!("needs {} signatures within {} s:", plan.approval.quorum, plan.approval.expires_in_s),
        false => "needs no signature".to_owned(),
    });
    lines.extend(plan.approval.reasons.iter().map(|reason| format!("  {}: {}", cell(&reason.rule), cell(&reason.detail))));
    for (place, action) in plan.actions.iter().enumerate() {
        let marks = [(action.skipped, "skipped"), (action.destructive, "destructive"), (action.gate.is_some(), "gated")];
        let marks: Vec<&str> = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
        let marks = if marks.is_empty() { String::new() } else { format!(" [{}]", marks.join(", ")) };
        let parameters = cell(&Value::Object(action.parameters.clone()).to_string());
        lines.push(format!("{}. {}: {} by {}{marks} {parameters}", place + 1, action.step, action.action, action.connector));
        lines.extend(action.when.iter().map(|when| format!("   when {}", cell(when))));
    }
    lines.extend(plan.on_success.iter().map(|state| format!("then the incident is {state}")));
    lines.join("\n")
}

/// Shows how two versions differ.
pub async fn diff(data: &PlaybookFlags, (before, after): (&str, &str), output: Output) -> Result<()> {
    let (before, after) = (versions::named(data, before).await?, versions::named(data, after).await?);
    let document = |playbook: &Playbook| serde_json::from_str::<Value>(playbook.canonical());
    let changes = playbooks::compare::changes(&document(&before)?, &document(&after)?);
    let lines: Vec<String> = changes.iter().map(change_text).collect();
    let text = if lines.is_empty() { "no difference".to_owned() } else { lines.join("\n") };
    output.say(text, &json!({ "from": before.digest(), "to": after.digest(), "changes": changes }))
}

fn change_text(change: &PlaybookChange) -> String {
    let part = change.part.as_ref().map(|part| format!(" {}", cell(part))).unwrap_or_default();
    let [before, after] = [&change.before, &change.after].map(|value| value.as_deref().map(cell));
    let values = match (before, after) {
        (Some(before), Some(after)) => format!(": {before} -> {after}"),
        (Some(value), None) | (None, Some(value)) => format!(": {value}"),
        (None, None) => String::new(),
    };
    format!("{} {}{part}{values}", change.kind, cell(&change.subject))
}

/// Prints the JSON Schema.
pub fn schema() -> Result<()> {
    Ok(tell_json(&playbooks::schema())?)
}

/// Writes the shipped files out.
pub fn eject(folder: &Path, force: bool, output: Output) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let schema = serde_json::to_vec_pretty(&playbooks::schema())?;
    let mut files: Vec<(String, Vec<u8>)> =
        playbooks::library::shipped_files().into_iter().map(|file| (file.name, beside_its_schema(&file.bytes))).collect();
    files.push((SCHEMA_FILE.to_owned(), schema));
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let path = folder.join(&name);
        if path.exists() && !force {
            kept.push(name);
        } else {
            std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
            written.push(name);
        }
    }
    let text = format!("{} files written to {}, {} left alone", written.len(), folder.display(), kept.len());
    output.say(text, &json!({ "written": written, "kept": kept }))?;
    if written.is_empty() && !kept.is_empty() {
        bail!("every file is there already; --force replaces them")
    }
    Ok(())
}

/// The first line of a file names the schema where the file is shipped; written out, the two stand in one folder.
fn beside_its_schema(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replacen("$schema=../", "$schema=", 1).into_bytes()
}

/// Where the files' first line has editors look for the schema.
const SCHEMA_FILE: &str = "playbook.schema.json";
