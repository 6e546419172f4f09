//! Every setting, one row each: its key in the file, its flag, its environment variable, its default, and what
//! it takes. A new setting is a row here, its place in the list, a field of the configuration and a line in `docs/OPERATIONS.md`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::auth::network::TrustedProxies;

/// One setting.
pub struct Setting {
    /// The key in the file.
    pub key: &'static str,
    /// The flag, without its dashes.
    pub flag: &'static str,
    pub environment: &'static str,
    /// How `--help` names the value.
    pub value_name: &'static str,
    pub kind: Kind,
    pub fallback: Fallback,
    /// What it takes, after "must be".
    pub expected: &'static str,
    pub accepts: fn(&str) -> bool,
    /// The value as it may be shown: without secrets.
    pub shown: fn(&str) -> String,
    /// One sentence for `--help`.
    pub what: &'static str,
}

/// How a value is written in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// `true` or `false`; the flag alone means `true`.
    Switch,
}

/// What holds when nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    Value(&'static str),
    /// No value; these words say what happens then.
    Nothing(&'static str),
}

/// What every command that opens the database needs.
pub const OF_DATA: &[&Setting] = &[&DATA_DIR, &DATABASE_URL, &DATABASE_OWNER_URL];
/// What the server needs besides.
pub const OF_SERVER: &[&Setting] = &[
    &LISTEN,
    &PLAYBOOKS,
    &TLS,
    &TRUSTED_PROXIES,
    &RATE_LIMIT_PER_KEY,
    &RATE_LIMIT_PER_NETWORK,
    &METRICS_LISTEN,
    &AUDIT_WEBHOOK,
    &LOG_JSON,
];

/// What a command needs that looks at the playbooks in force.
pub const OF_PLAYBOOKS: &[&Setting] = &[&DATA_DIR, &DATABASE_URL, &DATABASE_OWNER_URL, &PLAYBOOKS];

/// Every setting.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    OF_DATA.iter().chain(OF_SERVER).copied()
}

pub const DATA_DIR: Setting = Setting {
    key: "data_dir",
    flag: "data-dir",
    environment: "COUNTERSIGN_DATA_DIR",
    value_name: "DIR",
    kind: Kind::Text,
    fallback: Fallback::Value("data"),
    expected: "the path of a folder",
    accepts: parses::<PathBuf>,
    shown: as_it_is,
    what: "The folder for the database, the outbox and the lock; made if missing.",
};

pub const DATABASE_URL: Setting = Setting {
    key: "database_url",
    flag: "database-url",
    environment: "DATABASE_URL",
    value_name: "URL",
    kind: Kind::Text,
    fallback: Fallback::Nothing("SQLite in the data directory"),
    expected: "sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME",
    accepts: is_database_url,
    shown: without_password,
    what: "The database: sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME.",
};

pub const DATABASE_OWNER_URL: Setting = Setting {
    key: "database_owner_url",
    flag: "database-owner-url",
    environment: "DATABASE_OWNER_URL",
    value_name: "URL",
    kind: Kind::Text,
    fallback: Fallback::Nothing("the role of the database's address owns the schema"),
    expected: "postgres://USER:PASSWORD@HOST/NAME",
    accepts: is_postgres_url,
    shown: without_password,
    what: "PostgreSQL, as the role that owns the schema: used to bring it up to date, so that the server's own role can change no table.",
};

pub const LISTEN: Setting = Setting {
    key: "listen",
    flag: "listen",
    environment: "COUNTERSIGN_LISTEN",
    value_name: "ADDR",
    kind: Kind::Text,
    fallback: Fallback::Value("127.0.0.1:8080"),
    expected: "an IP address and a port such as 127.0.0.1:8080 or [::]:8080",
    accepts: parses::<SocketAddr>,
    shown: as_it_is,
    what: "The address and port to listen on.",
};

pub const PLAYBOOKS: Setting = Setting {
    key: "playbooks",
    flag: "playbooks",
    environment: "COUNTERSIGN_PLAYBOOKS",
    value_name: "DIR",
    kind: Kind::Text,
    fallback: Fallback::Nothing("`playbooks` in the data directory"),
    expected: "the path of a folder",
    accepts: parses::<PathBuf>,
    shown: as_it_is,
    what: "A folder of playbooks; a file there replaces the shipped one with the same id.",
};

pub const TLS: Setting = Setting {
    key: "tls",
    flag: "tls",
    environment: "COUNTERSIGN_TLS",
    value_name: "true|false",
    kind: Kind::Switch,
    fallback: Fallback::Value("false"),
    expected: "true or false",
    accepts: parses::<bool>,
    shown: as_it_is,
    what: "Browsers reach this server over https (through a proxy): cookies are marked Secure and HSTS is sent.",
};

pub const TRUSTED_PROXIES: Setting = Setting {
    key: "trusted_proxies",
    flag: "trusted-proxies",
    environment: "COUNTERSIGN_TRUSTED_PROXIES",
    value_name: "NETWORKS",
    kind: Kind::Text,
    fallback: Fallback::Nothing("the peer of the connection is the client"),
    expected: "addresses or networks, separated by commas, such as 127.0.0.1, 10.0.0.0/8",
    accepts: parses::<TrustedProxies>,
    shown: as_it_is,
    what: "Proxies whose X-Forwarded-For says where a request comes from, for the throttle of sign-ins and for rate limits.",
};

pub const RATE_LIMIT_PER_KEY: Setting = Setting {
    key: "rate_limit_per_key",
    flag: "rate-limit-per-key",
    environment: "COUNTERSIGN_RATE_LIMIT_PER_KEY",
    value_name: "N",
    kind: Kind::Text,
    fallback: Fallback::Nothing("a key may ask as often as it likes"),
    expected: "a number of requests a minute from 1 to 60000",
    accepts: is_rate,
    shown: as_it_is,
    what: "Requests a minute that each API key may make; more are answered 429.",
};

pub const RATE_LIMIT_PER_NETWORK: Setting = Setting {
    key: "rate_limit_per_network",
    flag: "rate-limit-per-network",
    environment: "COUNTERSIGN_RATE_LIMIT_PER_NETWORK",
    value_name: "N",
    kind: Kind::Text,
    fallback: Fallback::Nothing("a network may ask as often as it likes"),
    expected: "a number of requests a minute from 1 to 60000",
    accepts: is_rate,
    shown: as_it_is,
    what: "Requests a minute that each network (/24 of IPv4, /48 of IPv6) may make; more are answered 429.",
};

pub const METRICS_LISTEN: Setting = Setting {
    key: "metrics_listen",
    flag: "metrics-listen",
    environment: "COUNTERSIGN_METRICS_LISTEN",
    value_name: "ADDR",
    kind: Kind::Text,
    fallback: Fallback::Nothing("metrics are served on the server's own port alone, to a key with metrics:read"),
    expected: "an IP address and a port such as 127.0.0.1:9464",
    accepts: parses::<SocketAddr>,
    shown: as_it_is,
    what: "An address and port to serve /metrics on without a key, for a network that only the monitoring reaches.",
};

pub const AUDIT_WEBHOOK: Setting = Setting {
    key: "audit_webhook",
    flag: "audit-webhook",
    environment: "COUNTERSIGN_AUDIT_WEBHOOK",
    value_name: "URL",
    kind: Kind::Text,
    fallback: Fallback::Nothing("heads are posted nowhere"),
    expected: "http://… or https://…",
    accepts: is_web_address,
    shown: host_alone,
    what: "Where each signed head of the audit log is posted, so that another machine keeps it.",
};

pub const LOG_JSON: Setting = Setting {
    key: "log_json",
    flag: "log-json",
    environment: "COUNTERSIGN_LOG_JSON",
    value_name: "true|false",
    kind: Kind::Switch,
    fallback: Fallback::Value("false"),
    expected: "true or false",
    accepts: parses::<bool>,
    shown: as_it_is,
    what: "Write log lines as JSON.",
};

/// Requests a minute; with more than one a millisecond the rate could not be kept evenly.
fn is_rate(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|rate| (1..=60_000).contains(&rate))
}

/// Does the text say a value of this type?
fn parses<T: FromStr>(text: &str) -> bool {
    !text.is_empty() && text.parse::<T>().is_ok()
}

fn is_postgres_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// Addresses to which something is posted often hold a secret.
fn host_alone(text: &str) -> String {
    let url = reqwest::Url::parse(text);
    url.map_or_else(|_| "***".to_owned(), |url| format!("{}://{}/***", url.scheme(), url.host_str().unwrap_or_default()))
}

fn is_database_url(text: &str) -> bool {
    ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme))
}

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// The text that stands where a secret was.
const MASK: &str = "***";

/// A URL without the password before its last `@`, and without the value of a parameter `password`.
fn without_password(url: &str) -> String {
    let masked = match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => match url[scheme + 3..at].find(':') {
            Some(colon) => format!("{}:{MASK}{}", &url[..scheme + 3 + colon], &url[at..]),
            None => url.to_owned(),
        },
        _ => url.to_owned(),
    };
    match masked.split_once("password=") {
        Some((before, value)) => {
            format!("{before}password={MASK}{}", value.find('&').map_or("", |end| &value[end..]))
        }
        None => masked,
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_shown_url_has_no_password() {
        for (url, expected) in [
            ("postgres://app:s3cret@db:5432/countersign", "postgres://app:***@db:5432/countersign"),
            ("postgres://app:p@ss:w/rd@db/countersign", "postgres://app:***@db/countersign"),
            ("postgres://app@db/countersign", "postgres://app@db/countersign"),
            (
                "postgres://db/countersign?user=app&password=s3cret&sslmode=require",
                "postgres://db/countersign?user=app&password=***&sslmode=require",
            ),
            ("sqlite:///var/lib/countersign/countersign.db", "sqlite:///var/lib/countersign/countersign.db"),
            ("sqlite://a@b.db", "sqlite://a@b.db"),
        ] {
            assert_eq!(without_password(url), expected);
        }
    }
}
