//! Configuration: read once, from flags, the environment and one file, and passed on as values. Every setting is a row of the table
//! in `setting`; what follows from the rows is here.

mod environment;
mod fault;
mod file;
mod flags;
mod setting;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

pub use environment::Environment;
pub use fault::ConfigError;
pub use flags::{DataFlags, PlaybookFlags, ServerFlags};
pub use values::{Origin, Row, Values};

use crate::auth::network::TrustedProxies;
use crate::http::headers::Transport;
use crate::http::limits::TimeLimits;

const DEFAULT_PORT: u16 = 8080;

/// Where data and the database are.
#[derive(Clone, Debug)]
pub struct DataConfig {
    /// The folder for the database, the outbox and the lock; made if missing.
    pub data_dir: PathBuf,
    /// sqlite://PATH or postgres://…; by default SQLite in the data directory.
    pub database_url: Option<String>,
    /// PostgreSQL as the role that owns the schema, if that is another one.
    pub owner_url: Option<String>,
}

/// How the server answers.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// A folder of playbooks; by default `playbooks` in the data directory.
    pub playbooks: Option<PathBuf>,
    /// Browsers reach this server over https, through a proxy.
    pub tls: bool,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Requests a minute of each API key; as many as it likes if absent.
    pub rate_limit_per_key: Option<u32>,
    /// Requests a minute of each network (/24, /48); as many as it likes if absent.
    pub rate_limit_per_network: Option<u32>,
    /// Where metrics are served without a key; nowhere if absent.
    pub metrics_listen: Option<SocketAddr>,
    /// Where signed heads of the audit log are posted; nowhere if absent.
    pub audit_webhook: Option<reqwest::Url>,
    /// How long parts of a request may take.
    pub time_limits: TimeLimits,
    /// Log lines are JSON.
    pub log_json: bool,
    /// Die at this point of a run; for tests, in debug builds only.
    pub crash_point: Option<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            playbooks: None,
            tls: false,
            trusted_proxies: TrustedProxies::default(),
            rate_limit_per_key: None,
            rate_limit_per_network: None,
            metrics_listen: None,
            audit_webhook: None,
            time_limits: TimeLimits::default(),
            log_json: false,
            crash_point: None,
        }
    }
}

impl DataConfig {
    /// What these values say.
    pub fn of(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            data_dir: values.required(&setting::DATA_DIR)?,
            database_url: values.optional(&setting::DATABASE_URL)?,
            owner_url: values.optional(&setting::DATABASE_OWNER_URL)?,
        })
    }

    /// The database's address.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("countersign.db").display()))
    }

    /// Is there a database already? Of one on a server that is taken for granted.
    #[must_use]
    pub fn database_exists(&self) -> bool {
        self.database_url().strip_prefix("sqlite://").is_none_or(|file| std::path::Path::new(file).exists())
    }

    /// Is the database embedded, so that only one server may use it?
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url().starts_with("sqlite:")
    }

    /// The file of the embedded database; `None` for PostgreSQL.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.database_url();
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }

    /// Where messages go until another channel is configured.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.data_dir.join("outbox")
    }
}

impl ServerConfig {
    /// What these values say.
    pub fn of(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: values.required(&setting::LISTEN)?,
            playbooks: values.optional(&setting::PLAYBOOKS)?,
            tls: values.required(&setting::TLS)?,
            trusted_proxies: values.optional(&setting::TRUSTED_PROXIES)?.unwrap_or_default(),
            rate_limit_per_key: values.optional(&setting::RATE_LIMIT_PER_KEY)?,
            rate_limit_per_network: values.optional(&setting::RATE_LIMIT_PER_NETWORK)?,
            metrics_listen: values.optional(&setting::METRICS_LISTEN)?,
            audit_webhook: values.optional(&setting::AUDIT_WEBHOOK)?,
            time_limits: TimeLimits::default(),
            log_json: values.required(&setting::LOG_JSON)?,
            crash_point: None,
        })
    }

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
