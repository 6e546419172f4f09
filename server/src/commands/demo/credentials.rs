//! The demo's people and keys: made once, kept in `demo-credentials.json`, and put into place when the server is ready.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};
use domain::access::{Role, Scope};
use serde::{Deserialize, Serialize};
use service::accounts::{Accounts, NewKey, NewUser};
use service::clock::Clock;

use crate::commands::output::tell;
use crate::commands::secret_file;
use crate::commands::serve::Running;

const FILE: &str = "demo-credentials.json";
const PASSWORD_CHARS: usize = 20;

const PEOPLE: [(&str, &str, &[Role]); 7] = [
    ("analyst", "Demo analyst", &[Role::Analyst]),
    ("analyst2", "Second demo analyst", &[Role::Analyst]),
    ("approver", "Demo approver", &[Role::Approver]),
    ("approver2", "Second demo approver", &[Role::Approver]),
    ("auditor", "Demo auditor", &[Role::Auditor]),
    ("admin", "Demo admin", &[Role::Admin]),
    ("both", "Analyst and approver", &[Role::Analyst, Role::Approver]),
];

const KEYS: [(&str, &[Scope]); 2] = [
    ("source", &[Scope::AlertsWrite, Scope::EventsWrite]),
    ("reader", &[Scope::IncidentsRead, Scope::AuditRead, Scope::IocRead, Scope::FeedsRead, Scope::MetricsRead]),
];

/// The file's content.
#[derive(Serialize, Deserialize)]
pub struct Credentials {
    url: String,
    users: Vec<Person>,
    api_keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
struct Person {
    username: String,
    password: String,
    roles: Vec<Role>,
}

#[derive(Serialize, Deserialize)]
struct Key {
    name: String,
    key: String,
    scopes: Vec<Scope>,
}

/// Takes up the people and keys of an existing folder, or makes them; then writes the file.
pub async fn prepare(running: &Running, data_dir: &Path, url: &str) -> Result<Credentials> {
    let path = data_dir.join(FILE);
    let accounts = Accounts::new(running.store.clone(), Clock::System).await?;
    let mut credentials = match kept(&path)? {
        Some(kept) if kept.hold(running, &accounts).await? => kept,
        _ => Credentials::make(&accounts).await?,
    };
    url.clone_into(&mut credentials.url);
    secret_file::write(&path, &serde_json::to_string_pretty(&credentials)?)?;
    Ok(credentials)
}

/// What the file of an earlier start says; `None` if there is none.
fn kept(path: &Path) -> Result<Option<Credentials>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("cannot read {}", path.display()))?,
    };
    serde_json::from_slice(&bytes).map(Some).with_context(|| format!("{} is not a file of credentials", path.display()))
}

impl Credentials {
    /// Are these people and keys those of the database? It may be another one than when the file was written.
    async fn hold(&self, running: &Running, accounts: &Accounts) -> Result<bool> {
        let backend = running.services.backend();
        for key in &self.api_keys {
            if backend.people.find_key_holder(&key.key).await?.is_none() {
                return Ok(false);
            }
        }
        for person in &self.users {
            if !accounts.is_password_of(&person.username, person.password.clone()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn make(accounts: &Accounts) -> Result<Self> {
        let mut users = Vec::new();
        for (username, display_name, roles) in PEOPLE {
            let password = Clock::System.secret(PASSWORD_CHARS);
            let person = NewUser {
                username: username.into(),
                display_name: display_name.into(),
                roles: roles.to_vec(),
                password: password.clone(),
            };
            accounts.add_or_reset_user(person).await?;
            users.push(Person { username: username.into(), password, roles: roles.to_vec() });
        }
        let mut api_keys = Vec::new();
        for (name, scopes) in KEYS {
            let key = accounts
                .replace_key(NewKey { name: name.into(), scopes: scopes.to_vec(), source: None, expires_at: None })
                .await?;
            api_keys.push(Key { name: name.into(), key, scopes: scopes.to_vec() });
        }
        Ok(Self { url: String::new(), users, api_keys })
    }

    /// Shows the address and the passwords.
    pub fn print(&self) {
        tell(format_args!("\nCountersign is ready: {}\n", self.url));
        for person in &self.users {
            let roles: Vec<&str> = person.roles.iter().map(|role| role.as_str()).collect();
            tell(format_args!("  {:<10} {}  ({})", person.username, person.password, roles.join(", ")));
        }
        for key in &self.api_keys {
            tell(format_args!("  key {:<6} {}", key.name, key.key));
        }
        tell("\nSign in as analyst in one browser and as approver in another, then post an alert:\n");
        let (url, key) = (&self.url, self.source_key());
        tell(format_args!(
            "  curl -sS {url}/api/v1/alerts -H 'authorization: Bearer {key}' -H 'content-type: application/json' \\"
        ));
        tell(format_args!("    -d '{}'\n", super::alerts::BRUTE_FORCE));
    }

    /// The key that posts the demo's alerts.
    pub fn source_key(&self) -> &str {
        self.api_keys.iter().find(|key| key.name == "source").map_or("", |key| key.key.as_str())
    }
}
