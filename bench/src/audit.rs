//! The figures of the audit log: what it costs ingestion, how soon one entry of many is proved, and how long the whole log takes to export and to
//! verify, with the memory that the server needs for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::alerts;
use crate::figure::{Figure, median, p99, report};
use crate::load::{Shape, Stopwatch, Target, alerts_per_second, as_f64, per_second};
use crate::server::{Logging, Server};

const CONNECTIONS: usize = 64;
const FILLING_CONNECTIONS: usize = 8;
const ALERTS_PER_BATCH: u64 = 100;
/// Filling stops to look how far it is after this time.
const FILLING: Duration = Duration::from_secs(10);
/// Entries that are proved, one after another.
const PROOFS: u64 = 1_000;
/// A prime far from any power of two: its multiples visit the log all over.
const STRIDE: u64 = 7_919_017;

/// What to measure.
#[derive(Args)]
pub struct Audit {
    /// The server's release binary, built with the feature `bench`.
    #[arg(long)]
    server: PathBuf,
    /// A folder on the disk that is measured; each part makes and removes its own folder in it.
    #[arg(long)]
    folder: PathBuf,
    /// Not measured here.
    #[arg(long, hide = true)]
    postgres: Vec<String>,
    /// How many entries the log has at least when it is proved, exported and verified.
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// How long each part of a round of ingestion takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often ingestion is measured with and without the log; the medians count. With 0 only the log is measured.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
}

impl Audit {
    pub async fn run(self) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut figures = if self.rounds == 0 { Vec::new() } else { self.measure_ingestion().await? };
        figures.extend(self.measure_log().await?);
        report(&figures, &self.folder.join("audit.json"))
    }

    async fn measure_ingestion(&self) -> Result<Vec<Figure>> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..self.rounds {
            eprintln!("round {} of {}: ingestion with the log and without", round + 1, self.rounds);
            with.push(self.ingest(Logging::On).await?);
            without.push(self.ingest(Logging::Off).await?);
        }
        // The disk is not equally fast for long, so each round is compared in itself.
        let ratio = median(with.iter().zip(&without).map(|(with, without)| with / without).collect());
        let (with, without) = (median(with), median(without));
        Ok(vec![
            Figure::new("ingest with the log, 64 connections", with, "alerts/s"),
            Figure::new("ingest without the log, 64 connections", without, "alerts/s"),
            Figure::new("with ÷ without, of each round", ratio, "").goal("≥ 0.85"),
        ])
    }

    async fn ingest(&self, logging: Logging) -> Result<f64> {
        let server = Server::start_resting(&self.server, self.folder.join("ingest"), logging)?;
        let shape = Shape { connections: CONNECTIONS, duration: Duration::from_secs(self.seconds), alerts_per_request: 1 };
        alerts_per_second(&target(&server, "/api/v1/alerts"), shape, |number, _| alerts::body(number)).await
    }

    async fn measure_log(&self) -> Result<Vec<Figure>> {
        let server = Server::start(&self.server, self.folder.join("log"), None)?;
        let client = Session::begin(&server).await?;
        let size = self.fill(&server, &client).await?;
        eprintln!("{size} entries: proofs, export, verification");
        let proof_ms = prove(&client, size).await?;
        let file = self.folder.join("audit-log.ndjson");
        let exported = client.export(&server, &file).await?;
        let verify_s = self.timed(|command| command.arg("verify").arg(&file))?;
        std::fs::remove_file(&file)?;
        let data = server.data_dir();
        let database_s = self.timed(|command| command.arg("verify-database").arg("--data-dir").arg(data))?;
        Ok(vec![
            Figure::new("entries in the log", as_f64(size), ""),
            Figure::new("proof of one entry over REST, p99", proof_ms, "ms").goal("≤ 20"),
            Figure::new("export of the log", per_second(size, exported.time), "entries/s"),
            Figure::new("export, size", as_f64(exported.bytes) / 1_048_576.0, "MiB"),
            Figure::new("resident before the export", exported.before_mib, "MiB"),
            Figure::new("resident at most during the export", exported.most_mib, "MiB").goal("flat"),
            Figure::new("verifying the export", verify_s, "s"),
            Figure::new("the same, a million entries", verify_s / millions(size), "s").goal("≤ 5"),
            Figure::new("verifying the database", database_s, "s"),
            Figure::new("the same, three million entries", 3.0 * database_s / millions(size), "s").goal("≤ 15"),
        ])
    }

    /// How long `countersign audit` takes with these arguments, in seconds.
    fn timed(&self, arguments: impl FnOnce(&mut Command) -> &mut Command) -> Result<f64> {
        let mut command = Command::new(&self.server);
        arguments(command.arg("audit"));
        let watch = Stopwatch::start();
        let verified = command.output()?;
        let seconds = watch.elapsed().as_secs_f64();
        ensure!(verified.status.success(), "not verified: {}", String::from_utf8_lossy(&verified.stderr));
        Ok(seconds)
    }

    /// Posts alerts until the log is long enough; says how long it is.
    async fn fill(&self, server: &Server, client: &Session) -> Result<u64> {
        let shape = Shape { connections: FILLING_CONNECTIONS, duration: FILLING, alerts_per_request: ALERTS_PER_BATCH };
        let mut offset = 0;
        loop {
            let size = client.json("/api/v1/audit/checkpoint").await?["size"].as_u64().context("no size")?;
            eprintln!("{size} of {} entries", self.entries);
            if size >= self.entries {
                return Ok(size);
            }
            offset += 1;
            let making = move |first, count| alerts::batch(first + offset * OFFSET, count);
            alerts_per_second(&target(server, "/api/v1/alerts/batch"), shape, making).await?;
        }
    }
}

/// More alerts than are made in one part of filling.
const OFFSET: u64 = 2_000_000;

fn target(server: &Server, path: &'static str) -> Target {
    Target { address: server.address, path, key: server.key.clone() }
}

fn millions(count: u64) -> f64 {
    as_f64(count) / 1_000_000.0
}

/// How long the slowest of a hundred proofs takes, in milliseconds.
async fn prove(client: &Session, size: u64) -> Result<f64> {
    let mut times = Vec::new();
    for turn in 0..PROOFS {
        let seq = turn * STRIDE % size;
        let watch = Stopwatch::start();
        client.json(&format!("/api/v1/audit/proof/inclusion?seq={seq}&size={size}")).await?;
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(p99(&times))
}

/// What an export took.
struct Exported {
    time: Duration,
    bytes: u64,
    before_mib: f64,
    most_mib: f64,
}

/// An auditor who is signed in.
struct Session {
    http: reqwest::Client,
    url: String,
    cookie: String,
}

impl Session {
    async fn begin(server: &Server) -> Result<Self> {
        let (http, url) = (reqwest::Client::builder().build()?, format!("http://{}", server.address));
        let account = json!({ "username": crate::server::AUDITOR, "password": crate::server::PASSWORD });
        let answer = http.post(format!("{url}/api/v1/session")).json(&account).send().await?.error_for_status()?;
        let cookie = answer.headers().get("set-cookie").context("no cookie")?.to_str()?;
        Ok(Self { http, url, cookie: cookie.split(';').next().unwrap_or_default().to_owned() })
    }

    async fn get(&self, path: &str) -> Result<reqwest::Response> {
        let request = self.http.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        Ok(request.send().await?.error_for_status()?)
    }

    async fn json(&self, path: &str) -> Result<Value> {
        Ok(self.get(path).await?.json().await?)
    }

    async fn export(&self, server: &Server, file: &Path) -> Result<Exported> {
        let mut file = std::io::BufWriter::new(std::fs::File::create(file)?);
        let before_mib = server.resident_mib()?;
        let (mut bytes, mut most_mib) = (0, before_mib);
        let watch = Stopwatch::start();
        let mut answer = self.get("/api/v1/audit/export").await?;
        while let Some(chunk) = answer.chunk().await? {
            file.write_all(&chunk)?;
            bytes += chunk.len() as u64;
            most_mib = most_mib.max(server.resident_mib()?);
        }
        file.flush()?;
        Ok(Exported { time: watch.elapsed(), bytes, before_mib, most_mib })
    }
}
