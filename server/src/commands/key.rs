//! `countersign key`: API keys, without the browser.

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::access::Scope;
use domain::id::Source;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use service::accounts::{Accounts, KeyState, NewKey};
use service::clock::Clock;

use super::open;
use super::output::{Output, cell};
use crate::config::DataFlags;

/// Create, list and revoke API keys; works beside a running server.
#[derive(Args)]
pub struct KeyCommand {
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Create a key and print it: it is shown this once and never again.
    ///
    /// Example: countersign key create siem --scope alerts:write --source siem
    Create {
        /// How people call the key: 1 to 64 of a-z, 0-9 and . _ -
        name: String,
        /// alerts:write, events:write, incidents:read, audit:read, ioc:read, feeds:read or metrics:read; repeat for several.
        #[arg(long = "scope", required = true)]
        scopes: Vec<Scope>,
        /// The one source that the key may post for.
        #[arg(long)]
        source: Option<Source>,
        /// An RFC 3339 time after which the key no longer works.
        #[arg(long)]
        expires_at: Option<Timestamp>,
    },
    /// Revoke a key by its name, for ever.
    Revoke { name: String },
    /// List every key without its secret; revoked ones too.
    List,
}

impl KeyCommand {
    pub async fn run(self) -> Result<()> {
        let store = open::store_of(&self.data).await?;
        let accounts = Accounts::new(store.clone(), Clock::System).await?;
        let done = self.what.run(&accounts, self.output).await;
        store.close().await?;
        done
    }
}

impl What {
    async fn run(self, accounts: &Accounts, output: Output) -> Result<()> {
        match self {
            Self::Create { name, scopes, source, expires_at } => {
                let key = accounts.create_key(NewKey { name: name.clone(), scopes, source, expires_at }).await?;
                output.say(&key, &json!({ "name": name, "key": key }))
            }
            Self::Revoke { name } => {
                accounts.revoke_key(&name).await?;
                output.say(format!("{} is revoked", cell(&name)), &json!({ "name": name, "revoked": true }))
            }
            Self::List => {
                let keys = accounts.list_key_states().await?;
                let lines: Vec<String> = keys.iter().map(line).collect();
                output.say(lines.join("\n"), &keys.iter().map(document).collect::<Vec<_>>())
            }
        }
    }
}

fn line(key: &KeyState) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let used = key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    format!("{:<24} {:<8} {:<40} {used}", cell(&key.name), state(key), scopes.join(","))
}

fn state(key: &KeyState) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|at| at <= Clock::System.now()) {
        "expired"
    } else {
        "in force"
    }
}

fn document(key: &KeyState) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "source": key.source,
        "state": state(key),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    })
}
