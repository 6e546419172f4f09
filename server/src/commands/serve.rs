//! `countersign serve`: the server until SIGTERM or Ctrl-C, then a drain of at most ten seconds.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use service::Services;
use service::accounts::{Accounts, MadeLink};
use service::clock::Clock;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::head_copies::HeadCopies;
use super::lock::DataLock;
use super::output::tell;
use super::watch::WatchedFolder;
use super::{logs, open};
use crate::auth::session_store::DatabaseSessions;
use crate::config::{DataConfig, Environment, ServerConfig, ServerFlags, Values};
use crate::http::listening;
use crate::http::rate_limit::RateLimits;
use crate::router::{self, Parts};
use crate::{recorder, routes};

/// How long requests and steps that are under way may take to end.
const DRAIN_MAX: Duration = Duration::from_secs(8);
/// How long the database may take after that; everything acknowledged is durable already.
const CLOSE_MAX: Duration = Duration::from_millis(1_500);

/// Start the server; migrates the database first.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    flags: ServerFlags,
    /// Die at this point of a run; for tests, in debug builds only.
    #[arg(long, env = "COUNTERSIGN_CRASH_POINT", hide = true)]
    crash_point: Option<String>,
}

impl Serve {
    pub async fn run(self) -> Result<()> {
        let values = Values::read(&self.flags.0, &Environment::of_process())?;
        let server = ServerConfig { crash_point: self.crash_point, ..ServerConfig::of(&values)? };
        let running = Running::start(&DataConfig::of(&values)?, &server).await?;
        tell(format_args!("listening on http://{}", running.address));
        if let Some(link) = Accounts::new(running.store.clone(), Clock::System).await?.make_setup_link().await? {
            tell(setup_words(&format!("http://{}", running.address), &link));
        }
        running.until_signal().await
    }
}

/// What is said of the link by which the first admin is made.
pub fn setup_words(server: &str, link: &MadeLink) -> String {
    format!(
        "nobody can sign in yet; make the first admin here (or at the same path of the address by which browsers reach this server):\n\n  {server}{}\n\n\
         The link works once, until {}; `countersign user setup-link` prints another one.",
        link.path, link.expires_at
    )
}

/// A server that answers.
pub struct Running {
    pub address: SocketAddr,
    pub services: Services,
    pub store: Store,
    shutdown: CancellationToken,
    /// Where metrics are served without a key.
    pub metrics_address: Option<SocketAddr>,
    serving: JoinSet<()>,
    copies: HeadCopies,
    _lock: Option<DataLock>,
}

impl Running {
    /// Opens the database, puts everything together, starts the worker and listens.
    pub async fn start(data: &DataConfig, server: &ServerConfig) -> Result<Self> {
        logs::start(if server.log_json { logs::Format::Json } else { logs::Format::Text });
        recorder::start();
        if let Some(point) = &server.crash_point {
            service::crash_point::arm(point.clone());
        }
        std::fs::create_dir_all(&data.data_dir).with_context(|| format!("cannot make {}", data.data_dir.display()))?;
        let lock = if data.is_embedded() { Some(DataLock::take(&data.data_dir)?) } else { None };
        let (listener, address) = listen(server.listen).await?;
        let metrics = match server.metrics_listen {
            Some(wanted) => Some(listen(wanted).await?),
            None => None,
        };
        let store = open::store(data).await?;
        let folder = WatchedFolder::new(server.playbooks_in(&data.data_dir));
        let services = open::services(data, folder.path(), store.clone()).await?;
        let shutdown = CancellationToken::new();
        services.spawn_worker(&shutdown);
        tokio::spawn(folder.follow(services.clone(), shutdown.clone()));
        let copies = HeadCopies::new(&data.data_dir, server.audit_webhook.clone())?;
        tokio::spawn(copies.clone().follow(services.signed_heads(), shutdown.clone()));
        let parts = Parts {
            backend: services.backend(),
            clock: Clock::System,
            sessions: DatabaseSessions::new(store.clone(), Clock::System),
            transport: server.transport(),
            trusted_proxies: server.trusted_proxies.clone(),
            rate_limits: RateLimits::new(Clock::System, server.rate_limit_per_key, server.rate_limit_per_network),
            time_limits: server.time_limits,
            shutdown: shutdown.clone(),
        };
        let mut serving = JoinSet::new();
        serving.spawn(listening::serve(listener, router::router(parts), server.time_limits, shutdown.clone()));
        let mut metrics_address = None;
        if let Some((listener, address)) = metrics {
            let router = routes::metrics::listener(services.backend(), Clock::System);
            serving.spawn(listening::serve(listener, router, server.time_limits, shutdown.clone()));
            metrics_address = Some(address);
        }
        Ok(Self { address, services, store, shutdown, metrics_address, serving, copies, _lock: lock })
    }

    /// Answers until the process is told to stop, then drains.
    pub async fn until_signal(self) -> Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        self.stop().await
    }

    /// Stops taking requests and drains.
    pub async fn stop(mut self) -> Result<()> {
        tracing::info!("shutting down");
        self.shutdown.cancel();
        let drained = tokio::time::timeout(DRAIN_MAX, async {
            while self.serving.join_next().await.is_some() {}
            self.services.worker_ended().await;
            // The last head is signed when nothing is logged any more.
            self.copies.copy_or_say(&mut self.services.signed_heads()).await;
        });
        if drained.await.is_err() {
            tracing::warn!(
                "not everything ended within {} s; what was under way is taken up at the next start",
                DRAIN_MAX.as_secs()
            );
        }
        match tokio::time::timeout(CLOSE_MAX, self.store.close()).await {
            Ok(closed) => Ok(closed?),
            Err(_) => {
                tracing::warn!("the database was not closed in time; nothing acknowledged is lost");
                Ok(())
            }
        }
    }
}

async fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(wanted).await.with_context(|| format!("cannot listen on {wanted}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
