//! `countersign demo`: a server with people, keys and a stream of alerts, ready to be looked at.

mod alerts;
mod credentials;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use super::serve::Running;
use crate::config::{DataConfig, ServerConfig};

/// Start a server with demo people, sources and a stream of realistic alerts.
#[derive(Args)]
pub struct Demo {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Keep and continue this folder; by default a temporary one.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Leave out the stream of alerts.
    #[arg(long)]
    quiet: bool,
    /// sqlite://PATH or postgres://…; by default SQLite in the folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Write log lines as JSON.
    #[arg(long, env = "COUNTERSIGN_LOG_JSON")]
    log_json: bool,
    #[arg(long, env = "COUNTERSIGN_CRASH_POINT", hide = true)]
    crash_point: Option<String>,
}

impl Demo {
    pub async fn run(self) -> Result<()> {
        let temporary = match self.data_dir {
            Some(_) => None,
            None => {
                Some(tempfile::Builder::new().prefix("countersign-demo-").tempdir().context("cannot make a temporary folder")?)
            }
        };
        let data_dir =
            self.data_dir.clone().or_else(|| temporary.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
        let data = DataConfig { data_dir: data_dir.clone(), database_url: self.database_url.clone(), owner_url: None };
        let running = Running::start(&data, &self.server()).await?;
        let url = format!("http://{}", running.address);
        let credentials = credentials::prepare(&running, &data_dir, &url).await?;
        credentials.print();
        if !self.quiet {
            alerts::stream_in_background(running.services.backend(), credentials.source_key().to_owned());
        }
        let ended = running.until_signal().await;
        if let Some(folder) = temporary {
            folder.close().context("cannot remove the temporary folder")?;
        }
        ended
    }

    fn server(&self) -> ServerConfig {
        ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            log_json: self.log_json,
            crash_point: self.crash_point.clone(),
            ..ServerConfig::default()
        }
    }
}
