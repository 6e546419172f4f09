//! Configuration: read once, from the command line and the environment, and passed on as values.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::http::headers::Transport;

/// Where data and the database are.
#[derive(Args, Clone, Debug)]
pub struct DataConfig {
    /// The folder for the database, the outbox and the lock; made if missing.
    #[arg(long, env = "COUNTERSIGN_DATA_DIR", default_value = "data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// sqlite://PATH or postgres://…; by default SQLite in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
}

/// How the server answers.
#[derive(Args, Clone, Debug)]
pub struct ServerConfig {
    /// The address to listen on.
    #[arg(long, env = "COUNTERSIGN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,
    /// A folder of playbooks; a file there replaces the shipped one with the same id. By default `playbooks` in the data directory.
    #[arg(long, env = "COUNTERSIGN_PLAYBOOKS", value_name = "DIR")]
    pub playbooks: Option<PathBuf>,
    /// Browsers reach this server over https (through a proxy): cookies are marked Secure and HSTS is sent.
    #[arg(long, env = "COUNTERSIGN_TLS")]
    pub tls: bool,
    /// Write log lines as JSON.
    #[arg(long, env = "COUNTERSIGN_LOG_JSON")]
    pub log_json: bool,
    /// Die at this point of a run; for tests, in debug builds only.
    #[arg(long, env = "COUNTERSIGN_CRASH_POINT", hide = true)]
    pub crash_point: Option<String>,
}

impl DataConfig {
    /// The database's address.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("countersign.db").display()))
    }

    /// Is the database embedded, so that only one server may use it?
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url().starts_with("sqlite:")
    }

    /// Where messages go until another channel is configured.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.data_dir.join("outbox")
    }
}

impl ServerConfig {
    /// The folder of playbooks of this installation.
    #[must_use]
    pub fn playbooks_in(&self, data_dir: &Path) -> PathBuf {
        self.playbooks.clone().unwrap_or_else(|| data_dir.join("playbooks"))
    }

    /// How browsers reach the server.
    #[must_use]
    pub fn transport(&self) -> Transport {
        if self.tls { Transport::Tls } else { Transport::Plain }
    }
}
