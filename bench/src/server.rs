//! The server under measurement: the release binary on a new database, with a key of its own, ended and removed with this value.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::load::Stopwatch;

/// Who may read the whole log.
pub const AUDITOR: &str = "bench-auditor";
/// The password of this account, on a database that is removed with the server.
pub const PASSWORD: &str = "measured and thrown away";

/// Does the server write the audit log? Only a build for benchmarks can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logging {
    On,
    Off,
}

/// A started server.
pub struct Server {
    pub address: SocketAddr,
    pub key: String,
    /// Seconds from the start of the process to the line that says where it listens.
    pub start_s: f64,
    process: Child,
    /// What it says later goes here, unread.
    _output: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Server {
    /// Starts `binary` on an empty folder, on SQLite in it or on the database of this address.
    pub fn start(binary: &Path, folder: PathBuf, database_url: Option<&str>) -> Result<Self> {
        Self::start_with(binary, folder, database_url, &[])
    }

    /// The same with the audit log or without. Nothing acts upon what is logged: without a log there would be nothing to act upon, and that
    /// would count as a cost of the log.
    pub fn start_resting(binary: &Path, folder: PathBuf, logging: Logging) -> Result<Self> {
        let mut settings = vec![("COUNTERSIGN_BENCH_WITHOUT_TRIAGE", "1")];
        settings.extend((logging == Logging::Off).then_some(("COUNTERSIGN_BENCH_WITHOUT_LOG", "1")));
        Self::start_with(binary, folder, None, &settings)
    }

    fn start_with(binary: &Path, folder: PathBuf, database_url: Option<&str>, settings: &[(&str, &str)]) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let command = || {
            let mut command = Command::new(binary);
            command.env("COUNTERSIGN_DATA_DIR", &folder).env("RUST_LOG", "warn").env_remove("DATABASE_URL");
            if let Some(url) = database_url {
                command.env("DATABASE_URL", url);
            }
            command
        };
        let created = command().args(["key", "create", "bench", "--scope", "alerts:write"]).output()?;
        ensure!(created.status.success(), "no key: {}", String::from_utf8_lossy(&created.stderr));
        let key = String::from_utf8(created.stdout)?.trim().to_owned();
        add_auditor(command())?;
        let watch = Stopwatch::start();
        let mut serve = command();
        let mut process =
            serve.envs(settings.iter().copied()).args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
        let mut output = BufReader::new(process.stdout.take().context("no output")?);
        let address = listening_at(output.by_ref().lines())?;
        Ok(Self { address, key, start_s: watch.elapsed().as_secs_f64(), process, _output: output, folder })
    }

    /// Where its database is, unless that is elsewhere.
    pub fn data_dir(&self) -> &Path {
        &self.folder
    }

    /// Resident memory in MiB, as the kernel counts it.
    pub fn resident_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(kib.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
    }
}

fn add_auditor(mut command: Command) -> Result<()> {
    let mut adding =
        command.args(["user", "add", AUDITOR, "--role", "auditor", "--display-name", "Bench"]).stdin(Stdio::piped()).spawn()?;
    adding.stdin.take().context("no input")?.write_all(format!("{PASSWORD}\n").as_bytes())?;
    ensure!(adding.wait()?.success(), "no account for {AUDITOR}");
    Ok(())
}

fn listening_at(lines: impl Iterator<Item = std::io::Result<String>>) -> Result<SocketAddr> {
    for line in lines {
        if let Some(address) = line?.strip_prefix("listening on http://") {
            return Ok(address.trim().parse()?);
        }
    }
    anyhow::bail!("the server did not start")
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already needs no ending.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} was not removed: {error}", self.folder.display());
        }
    }
}
