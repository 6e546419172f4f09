//! PostgreSQL: copied and restored by its own tools, with the password kept out of their arguments, where other people of the machine
//! could read it. What was there before stands aside as a schema of the same database until its owner drops it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use percent_encoding::percent_decode_str;
use store::{ChangeState, LogReport, SchemaAside, SchemaChange, Store};
use tokio::process::Command;
use url::Url;

use super::{Restored, refuse_newer, verified, words};
use crate::commands::open;
use crate::config::DataConfig;

/// How often it is said that a tool still works, in seconds.
const TOLD_EVERY_S: u64 = 5;
/// What earlier restores set aside is in no backup.
const WITHOUT_ASIDE: &str = "--exclude-schema=before_restore_*";
/// The table whose rows are the changes of the schema.
const CHANGES: &str = "--table=seaql_migrations";
const MIB: u64 = 1024 * 1024;

/// Copies the database into a file, and reads all of the file again.
pub async fn dump(config: &DataConfig, target: &Path) -> Result<LogReport> {
    let store = open::unmigrated_store(config).await?;
    let looked_at = look_at(&store).await;
    store.close().await?;
    let log = looked_at?;
    if !log.is_sound() {
        bail!("nothing was written: {}", words(&log));
    }
    let address = Address::of(&config.database_url())?;
    let file = format!("--file={}", target.display());
    let from = format!("--dbname={}", address.url);
    let dump = Tool { program: "pg_dump", address: &address };
    dump.run(&["--format=custom", "--no-owner", "--no-privileges", WITHOUT_ASIDE, &file, &from], Some(target)).await?;
    let read = Tool { program: "pg_restore", address: &address };
    read.run(&["--file=/dev/null", &target.display().to_string()], None).await.context("the copy cannot be read again")?;
    Ok(log)
}

async fn look_at(store: &Store) -> Result<LogReport> {
    let changes = store.schema_changes().await.context("the database cannot be read")?;
    if changes.iter().all(|change| change.state == ChangeState::Pending) {
        bail!("there is no database of Countersign at this address");
    }
    store.verify_log().await.context("the audit log cannot be read")
}

/// Puts a file in the place of the database; one that cannot be trusted changes nothing.
pub async fn put_in_place(config: &DataConfig, file: &Path) -> Result<Restored> {
    let address = Address::of(&config.database_url())?;
    let restore = Tool { program: "pg_restore", address: &address };
    refuse_newer(&changes_in(&restore, file).await?).context("nothing was changed")?;
    let schema = SchemaAside::open(&config.database_url()).await.context("cannot open the database")?;
    if schema.server_sessions().await? > 0 {
        bail!("another server is using this database; stop it first");
    }
    let kept = schema.set_aside().await.context("the tables that are there cannot be set aside")?;
    let into = format!("--dbname={}", address.url);
    let name = file.display().to_string();
    let arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", &into, &name];
    let restored = async {
        restore.run(&arguments, None).await?;
        let log = verified(config).await?;
        if log.is_sound() { Ok(log) } else { Err(anyhow!(words(&log))) }
    }
    .await;
    if restored.is_err() {
        schema.put_back(kept.as_deref()).await.context("what was there before cannot be put back; it is in the schema aside")?;
    }
    schema.close().await?;
    let log = restored.context("nothing was changed")?;
    Ok(Restored { log, kept: kept.map(|name| format!("the schema {name}")) })
}

/// The changes of the schema that the file's database had.
async fn changes_in(restore: &Tool<'_>, file: &Path) -> Result<Vec<SchemaChange>> {
    let name = file.display().to_string();
    let listed = restore.run(&["--data-only", CHANGES, "--file=-", &name], None).await;
    let listed = listed.with_context(|| format!("{name} is no backup that can be read"))?;
    let names = String::from_utf8_lossy(&listed.stdout);
    let names = names.lines().filter_map(|line| line.split('\t').next()).filter(|name| is_change(name));
    let applied: Vec<String> = names.map(ToOwned::to_owned).collect();
    Ok(SchemaChange::all_of(&applied))
}

/// `m20261101_000001_refusals` and the like.
fn is_change(name: &str) -> bool {
    name.strip_prefix('m').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()) && rest.contains('_'))
}

/// The database's address as the tools may see it, and the password beside it.
struct Address {
    url: String,
    password: Option<String>,
}

impl Address {
    fn of(url: &str) -> Result<Self> {
        let mut parsed = Url::parse(url).context("the database's address cannot be read")?;
        let in_front = parsed.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned());
        let as_parameter = parsed.query_pairs().find(|(name, _)| name == "password").map(|(_, value)| value.into_owned());
        if in_front.is_some() {
            let _ = parsed.set_password(None);
        }
        if as_parameter.is_some() {
            let rest: Vec<(String, String)> = parsed
                .query_pairs()
                .filter(|(name, _)| name != "password")
                .map(|(name, value)| (name.into(), value.into()))
                .collect();
            parsed.query_pairs_mut().clear().extend_pairs(rest);
        }
        Ok(Self { url: parsed.to_string().trim_end_matches('?').to_owned(), password: as_parameter.or(in_front) })
    }
}

/// One of PostgreSQL's own programs.
struct Tool<'a> {
    program: &'static str,
    address: &'a Address,
}

impl Tool<'_> {
    /// Runs it to its end, and says now and then that it still works and how large its file has become.
    async fn run(&self, arguments: &[&str], target: Option<&Path>) -> Result<Output> {
        let mut command = Command::new(self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if let Some(password) = &self.address.password {
            command.env("PGPASSWORD", password);
        }
        let child = command.spawn().map_err(|error| self.missing(&error))?;
        let mut ended = std::pin::pin!(child.wait_with_output());
        let mut seconds = 0;
        let output = loop {
            match tokio::time::timeout(Duration::from_secs(TOLD_EVERY_S), &mut ended).await {
                Ok(output) => break output?,
                Err(_) => {
                    seconds += TOLD_EVERY_S;
                    self.tell(seconds, target);
                }
            }
        };
        if output.status.success() {
            return Ok(output);
        }
        bail!("{} failed: {}", self.program, String::from_utf8_lossy(&output.stderr).trim())
    }

    fn tell(&self, seconds: u64, target: Option<&Path>) {
        let size = target.and_then(|target| std::fs::metadata(target).ok()).map(|metadata| metadata.len() / MIB);
        let size = size.map_or_else(String::new, |mib| format!(", {mib} MiB written"));
        // Whoever read it may have gone.
        let _ = writeln!(std::io::stderr(), "{} has worked for {seconds} s{size}", self.program);
    }

    fn missing(&self, error: &std::io::Error) -> anyhow::Error {
        match error.kind() {
            std::io::ErrorKind::NotFound => anyhow!(
                "{} is not on the PATH; install the client programs of PostgreSQL, of the server's version or newer",
                self.program
            ),
            _ => anyhow!("{} cannot be started: {error}", self.program),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, is_change};

    #[test]
    fn the_password_is_no_argument() {
        for (url, expected, password) in [
            ("postgres://app:s3cret@db:5432/countersign", "postgres://app@db:5432/countersign", Some("s3cret")),
            (
                "postgres://app:p%40ss@db/countersign?sslmode=require",
                "postgres://app@db/countersign?sslmode=require",
                Some("p@ss"),
            ),
            ("postgres://db/countersign?user=app&password=s3cret", "postgres://db/countersign?user=app", Some("s3cret")),
            ("postgres://db/countersign?password=s3cret", "postgres://db/countersign", Some("s3cret")),
            ("postgres://app@db/countersign", "postgres://app@db/countersign", None),
        ] {
            let address = Address::of(url).unwrap();
            assert_eq!((address.url.as_str(), address.password.as_deref()), (expected, password), "{url}");
        }
    }

    #[test]
    fn changes_are_told_from_other_lines() {
        for (line, expected) in [
            ("m20261101_000001_refusals", true),
            ("m29991231_000001_tomorrow", true),
            ("mode", false),
            ("SET x", false),
            ("\\.", false),
        ] {
            assert_eq!(is_change(line), expected, "{line}");
        }
    }
}
