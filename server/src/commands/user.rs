//! `countersign user`: people, without the browser. The password is read from standard input, never from the command line.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use domain::access::Role;
use domain::user::User;
use serde_json::{Value, json};
use service::accounts::{Accounts, MadeLink, NewUser};
use service::clock::Clock;

use super::open;
use super::output::{Output, cell};
use super::serve::setup_words;
use crate::config::DataFlags;

/// Where a path of ours leads, for whoever reads the command's output.
const SERVER: &str = "http://127.0.0.1:8080";

/// Add people, set passwords, disable accounts; works beside a running server.
#[derive(Args)]
pub struct UserCommand {
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Add a person. The password (12 to 256 bytes) is the first line of standard input; with --link none is read.
    ///
    /// Example: countersign user add ann --role analyst --role admin
    Add {
        /// 1 to 64 of a-z, 0-9 and . _ -
        username: String,
        /// How others see the name; by default the user name.
        #[arg(long)]
        display_name: Option<String>,
        /// analyst, approver, auditor or admin; repeat for several.
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// Read no password; print a one-time link by which the person sets their own.
        #[arg(long)]
        link: bool,
    },
    /// Set a person's password, the first line of standard input; ends their sessions.
    Passwd { username: String },
    /// Print a one-time link by which a person sets a new password; it works for 24 hours, and earlier ones no longer do.
    PasswordLink { username: String },
    /// Disable an account; ends its sessions and live streams. Nothing that the person did is removed.
    Disable { username: String },
    /// Enable an account that was disabled.
    Enable { username: String },
    /// List everybody.
    List,
    /// Print a one-time link by which the first admin is made; it works for an hour. Fails if there is somebody already.
    SetupLink,
}

impl UserCommand {
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
            Self::Add { username, display_name, roles, link: true } => {
                let display_name = display_name.unwrap_or_else(|| username.clone());
                let (user, link) = accounts.invite_user(username, display_name, roles).await?;
                output.say(
                    link_words(&user.username, &link),
                    &json!({ "user": document(&user), "password_link": link_document(&link) }),
                )
            }
            Self::Add { username, display_name, roles, link: false } => {
                let display_name = display_name.unwrap_or_else(|| username.clone());
                let user = accounts.add_user(NewUser { username, display_name, roles, password: read_password()? }).await?;
                output.say(format!("{} added with id {}", user.username, user.id), &json!({ "user": document(&user) }))
            }
            Self::Passwd { username } => {
                accounts.set_password(&username, read_password()?).await?;
                output.say(format!("the password of {username} is set"), &json!({ "username": username }))
            }
            Self::PasswordLink { username } => {
                let link = accounts.make_password_link_for(&username).await?;
                output.say(link_words(&username, &link), &json!({ "username": username, "password_link": link_document(&link) }))
            }
            Self::Disable { username } => {
                accounts.disable_user(&username).await?;
                output.say(format!("{username} is disabled"), &json!({ "username": username, "enabled": false }))
            }
            Self::Enable { username } => {
                accounts.enable_user(&username).await?;
                output.say(format!("{username} is enabled"), &json!({ "username": username, "enabled": true }))
            }
            Self::List => {
                let people = accounts.list_users().await?;
                let lines: Vec<String> = people.iter().map(line).collect();
                output.say(lines.join("\n"), &people.iter().map(document).collect::<Vec<_>>())
            }
            Self::SetupLink => match accounts.make_setup_link().await? {
                Some(link) => output.say(setup_words(SERVER, &link), &link_document(&link)),
                None => bail!("there is somebody already; an admin adds people under Settings, or `countersign user add` does"),
            },
        }
    }
}

fn line(user: &User) -> String {
    let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
    let state = if user.disabled_at.is_some() { "disabled" } else { "enabled" };
    format!("{:<24} {state:<8} {:<32} {}", cell(&user.username), roles.join(","), cell(&user.display_name))
}

fn document(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username,
        "display_name": user.display_name,
        "roles": user.roles,
        "enabled": user.disabled_at.is_none(),
        "created_at": user.created_at,
    })
}

fn link_words(username: &str, link: &MadeLink) -> String {
    format!(
        "{username} sets their password here (or at the same path of the address by which browsers reach the server), once, until {}:\n\n  {SERVER}{}",
        link.expires_at, link.path
    )
}

fn link_document(link: &MadeLink) -> Value {
    json!({ "path": link.path, "expires_at": link.expires_at })
}

fn read_password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
