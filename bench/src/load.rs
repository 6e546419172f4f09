//! Load: connections that each post one request after another over HTTP/1.1, for a bounded time. Written by hand because the load
//! generator shares the cores with the server that it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A running time measurement.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// This many in this time, as a rate.
pub fn per_second(count: u64, time: Duration) -> f64 {
    as_f64(count) / time.as_secs_f64()
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub fn as_f64(count: u64) -> f64 {
    count as f64
}

/// What is posted where.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    pub path: &'static str,
    pub key: String,
}

/// How much load.
#[derive(Clone, Copy)]
pub struct Shape {
    pub connections: usize,
    pub duration: Duration,
    /// How many alerts one request carries.
    pub alerts_per_request: u64,
}

/// Posts bodies made by `body(first, count)` until the time is over; says how many alerts were acknowledged a second. Any answer
/// other than 2xx ends the measurement.
pub async fn alerts_per_second(
    target: &Target,
    shape: Shape,
    body: impl Fn(u64, u64) -> Vec<u8> + Clone + Send + 'static,
) -> Result<f64> {
    let next = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let mut posting = JoinSet::new();
    for _ in 0..shape.connections {
        posting.spawn(post_until(target.clone(), shape, Arc::clone(&next), (watch, body.clone())));
    }
    let mut acknowledged = 0;
    while let Some(posted) = posting.join_next().await {
        acknowledged += posted??;
    }
    Ok(per_second(acknowledged, watch.elapsed()))
}

/// Posts single alerts at a steady rate for the time, whether or not the answers come: an alert that finds no free connection waits,
/// and that counts. Says how long after its time each was acknowledged, in milliseconds, the soonest first.
pub async fn latencies_ms(
    target: &Target,
    shape: Shape,
    rate: f64,
    body: impl Fn(u64, u64) -> Vec<u8> + Clone + Send + 'static,
) -> Result<Vec<f64>> {
    let next = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let mut posting = JoinSet::new();
    for _ in 0..shape.connections {
        posting.spawn(post_at_rate(target.clone(), (shape, rate), Arc::clone(&next), (watch, body.clone())));
    }
    let mut latencies = Vec::new();
    while let Some(posted) = posting.join_next().await {
        latencies.extend(posted??);
    }
    latencies.sort_by(f64::total_cmp);
    Ok(latencies)
}

async fn post_until(
    target: Target,
    shape: Shape,
    next: Arc<AtomicU64>,
    (watch, body): (Stopwatch, impl Fn(u64, u64) -> Vec<u8>),
) -> Result<u64> {
    let mut connection = connect(&target).await?;
    let mut acknowledged = 0;
    while watch.elapsed() < shape.duration {
        let first = next.fetch_add(shape.alerts_per_request, Ordering::Relaxed);
        post(&mut connection, &target, &body(first, shape.alerts_per_request)).await?;
        acknowledged += shape.alerts_per_request;
    }
    Ok(acknowledged)
}

async fn post_at_rate(
    target: Target,
    (shape, rate): (Shape, f64),
    next: Arc<AtomicU64>,
    (watch, body): (Stopwatch, impl Fn(u64, u64) -> Vec<u8>),
) -> Result<Vec<f64>> {
    let mut connection = connect(&target).await?;
    let mut latencies = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = Duration::from_secs_f64(as_f64(number) / rate);
        if due >= shape.duration {
            return Ok(latencies);
        }
        let body = body(number, 1);
        tokio::time::sleep(due.saturating_sub(watch.elapsed())).await;
        post(&mut connection, &target, &body).await?;
        latencies.push((watch.elapsed() - due).as_secs_f64() * 1_000.0);
    }
}

async fn connect(target: &Target) -> Result<TcpStream> {
    let connection = TcpStream::connect(target.address).await?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

/// Posts one body and waits for its answer.
async fn post(connection: &mut TcpStream, target: &Target, body: &[u8]) -> Result<()> {
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        target.path,
        target.address,
        target.key,
        body.len()
    );
    connection.write_all(&[head.as_bytes(), body].concat()).await?;
    read_answer(connection).await
}

/// Reads one answer to its end.
async fn read_answer(connection: &mut TcpStream) -> Result<()> {
    let mut bytes = Vec::with_capacity(HEAD_BYTES_MAX);
    let head_end = loop {
        ensure!(connection.read_buf(&mut bytes).await? > 0, "the server closed the connection");
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        ensure!(bytes.len() < HEAD_BYTES_MAX, "the head of an answer is too long");
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
    if !head.starts_with("http/1.1 2") {
        bail!("refused: {}", String::from_utf8_lossy(&bytes));
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).context("an answer without a length")?;
    let mut left = (head_end + length.trim().parse::<usize>()?).saturating_sub(bytes.len());
    let mut rest = [0; 64 * 1024];
    while left > 0 {
        let most = left.min(rest.len());
        let read = connection.read(&mut rest[..most]).await?;
        ensure!(read > 0, "the server closed the connection");
        left -= read;
    }
    Ok(())
}
