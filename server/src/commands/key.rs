//! `countersign key`: API keys, without the browser.

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::access::Scope;
use domain::id::Source;
use domain::timestamp::Timestamp;
use service::accounts::{Accounts, NewKey};
use service::clock::Clock;

use super::open;
use crate::config::DataFlags;

/// Create and revoke API keys.
#[derive(Args)]
pub struct KeyCommand {
    #[command(flatten)]
    data: DataFlags,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Create a key and print it: it is shown this once and never again.
    Create {
        /// How people call the key.
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
    /// Revoke a key by its name.
    Revoke { name: String },
}

impl KeyCommand {
    pub async fn run(self) -> Result<()> {
        let store = open::store_of(&self.data).await?;
        let accounts = Accounts::new(store.clone(), Clock::System).await?;
        match self.what {
            What::Create { name, scopes, source, expires_at } => {
                println!("{}", accounts.create_key(NewKey { name, scopes, source, expires_at }).await?);
            }
            What::Revoke { name } => {
                accounts.revoke_key(&name).await?;
                println!("{name} is revoked");
            }
        }
        store.close().await?;
        Ok(())
    }
}
