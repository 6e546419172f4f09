//! The figures of ingestion: single alerts and batches, acknowledged and durable, beside the bare route (the same server
//! authenticates and parses the same body, and stores nothing) and beside a raw SQLite program. Medians of several rounds.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::figure::{Figure, median, p99, report};
use crate::load::{Shape, Target, alerts_per_second, latencies_ms};
use crate::server::Server;
use crate::{alerts, raw_sqlite};

const MANY_CONNECTIONS: usize = 64;
const BATCH_CONNECTIONS: usize = 8;
const ALERTS_PER_BATCH: u64 = 100;

/// What to measure, and for how long.
#[derive(Args)]
pub struct Ingest {
    /// The server's release binary, built with the feature `bench`.
    #[arg(long)]
    server: PathBuf,
    /// A folder on the disk that is measured; each part makes and removes its own folder in it.
    #[arg(long)]
    folder: PathBuf,
    /// Addresses of empty databases of a PostgreSQL with fsync, one for each round; without, only SQLite is measured.
    #[arg(long)]
    postgres: Vec<String>,
    /// How long each part of a round takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often each part is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// What was measured in the rounds so far, alerts a second each.
#[derive(Default)]
struct Rates {
    one: Vec<f64>,
    many: Vec<f64>,
    bare: Vec<f64>,
    batch: Vec<f64>,
    raw: Vec<f64>,
    postgres_one: Vec<f64>,
    postgres_many: Vec<f64>,
    /// Milliseconds until an alert is acknowledged, at half the rate of `many`.
    latency_ms: Vec<f64>,
    start_s: Vec<f64>,
    idle_mib: Vec<f64>,
    loaded_mib: Vec<f64>,
}

impl Ingest {
    pub async fn run(self) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut rates = Rates::default();
        for round in 0..self.rounds {
            eprintln!("round {} of {}", round + 1, self.rounds);
            self.measure_sqlite(&mut rates).await?;
            if let Some(url) = self.postgres.get(round) {
                self.measure_postgres(url, &mut rates).await?;
            }
        }
        report(&figures(rates), &self.folder.join("ingest.json"))
    }

    async fn measure_sqlite(&self, rates: &mut Rates) -> Result<()> {
        {
            let server = Server::start(&self.server, self.folder.join("single"), None)?;
            rates.start_s.push(server.start_s);
            rates.idle_mib.push(server.resident_mib()?);
            rates.bare.push(self.post(&server, "/bench/bare", MANY_CONNECTIONS).await?);
            let many = self.post(&server, "/api/v1/alerts", MANY_CONNECTIONS).await?;
            rates.many.push(many);
            rates.loaded_mib.push(server.resident_mib()?);
            let target = target(&server, "/api/v1/alerts");
            let latencies = latencies_ms(&target, self.shape(MANY_CONNECTIONS), many / 2.0, later_body).await?;
            rates.latency_ms.push(p99(&latencies));
        }
        {
            let server = Server::start(&self.server, self.folder.join("one"), None)?;
            rates.one.push(self.post(&server, "/api/v1/alerts", 1).await?);
        }
        {
            let server = Server::start(&self.server, self.folder.join("batch"), None)?;
            let shape = Shape { connections: BATCH_CONNECTIONS, alerts_per_request: ALERTS_PER_BATCH, ..self.shape(0) };
            rates.batch.push(alerts_per_second(&target(&server, "/api/v1/alerts/batch"), shape, alerts::batch).await?);
        }
        let file = self.folder.join("raw.db");
        rates.raw.push(raw_sqlite::rows_per_second(&file, self.shape(0).duration)?);
        std::fs::remove_file(file)?;
        Ok(())
    }

    async fn measure_postgres(&self, url: &str, rates: &mut Rates) -> Result<()> {
        let server = Server::start(&self.server, self.folder.join("postgres"), Some(url))?;
        rates.postgres_many.push(self.post(&server, "/api/v1/alerts", MANY_CONNECTIONS).await?);
        // The first measurement has used the numbers from 0 on: what follows are other alerts, by another key's source.
        rates.postgres_one.push(alerts_per_second(&target(&server, "/api/v1/alerts"), self.shape(1), later_body).await?);
        Ok(())
    }

    async fn post(&self, server: &Server, path: &'static str, connections: usize) -> Result<f64> {
        alerts_per_second(&target(server, path), self.shape(connections), |number, _| alerts::body(number)).await
    }

    fn shape(&self, connections: usize) -> Shape {
        Shape { connections, duration: Duration::from_secs(self.seconds), alerts_per_request: 1 }
    }
}

/// Numbers that the measurements before have not reached.
fn later_body(number: u64, _: u64) -> Vec<u8> {
    alerts::body(number + 8_000_000)
}

fn target(server: &Server, path: &'static str) -> Target {
    Target { address: server.address, path, key: server.key.clone() }
}

fn figures(rates: Rates) -> Vec<Figure> {
    let per_s = "alerts/s";
    let (many, bare) = (median(rates.many), median(rates.bare));
    let (batch, raw) = (median(rates.batch), median(rates.raw));
    let mut figures = vec![
        Figure::new("SQLite, single, 1 connection", median(rates.one), per_s),
        Figure::new("SQLite, single, 64 connections", many, per_s),
        Figure::new("bare route, 64 connections", bare, per_s),
        Figure::new("ingest ÷ bare route", many / bare, "").goal("≥ 0.5"),
        Figure::new("SQLite, p99 at half that rate, open loop", median(rates.latency_ms), "ms").goal("≤ 50"),
        Figure::new("SQLite, batches of 100, 8 connections", batch, per_s),
        Figure::new("raw SQLite program, 1,000 rows a transaction", raw, per_s),
        Figure::new("batch ÷ raw", batch / raw, "").goal("≥ 0.25"),
    ];
    if !rates.postgres_many.is_empty() {
        figures.push(Figure::new("PostgreSQL, single, 1 connection", median(rates.postgres_one), per_s));
        figures.push(Figure::new("PostgreSQL, single, 64 connections", median(rates.postgres_many), per_s));
    }
    figures.push(Figure::new("start on an existing database", median(rates.start_s), "s").goal("≤ 1"));
    figures.push(Figure::new("resident, idle", median(rates.idle_mib), "MiB").goal("≤ 64"));
    figures.push(Figure::new("resident, after the load", median(rates.loaded_mib), "MiB").goal("≤ 300"));
    figures
}
