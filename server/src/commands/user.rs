//! `countersign user`: people, without the browser. The password is read from standard input, never from the command line.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use domain::access::Role;
use service::accounts::NewUser;

use super::open;
use crate::config::DataFlags;

/// Add people, set passwords, disable accounts.
#[derive(Args)]
pub struct UserCommand {
    #[command(flatten)]
    data: DataFlags,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Add a person; the password (12 to 256 bytes) is the first line of standard input.
    Add {
        /// 1 to 64 of a-z, 0-9 and . _ -
        username: String,
        /// How others see the name; by default the user name.
        #[arg(long)]
        display_name: Option<String>,
        /// analyst, approver, auditor or admin; repeat for several.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
    },
    /// Set a person's password, the first line of standard input; ends their sessions.
    Passwd { username: String },
    /// Disable an account; ends its sessions. Nothing that the person did is removed.
    Disable { username: String },
}

impl UserCommand {
    pub async fn run(self) -> Result<()> {
        let store = open::store_of(&self.data).await?;
        let accounts = service::accounts::Accounts::new(store.clone(), service::clock::Clock::System).await?;
        match self.what {
            What::Add { username, display_name, roles } => {
                let display_name = display_name.unwrap_or_else(|| username.clone());
                let user = accounts.add_user(NewUser { username, display_name, roles, password: read_password()? }).await?;
                println!("{} added with id {}", user.username, user.id);
            }
            What::Passwd { username } => {
                accounts.set_password(&username, read_password()?).await?;
                println!("the password of {username} is set");
            }
            What::Disable { username } => {
                accounts.disable_user(&username).await?;
                println!("{username} is disabled");
            }
        }
        store.close().await?;
        Ok(())
    }
}

fn read_password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
