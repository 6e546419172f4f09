//! A throwaway PostgreSQL for the tests: made in a temporary folder, stopped and removed at the end.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;

/// A running cluster; dropped, it is stopped and removed.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// For functional tests: without fsync, which only a power cut would notice.
    pub fn start() -> Result<Self> {
        Self::start_with("-c fsync=off")
    }

    /// For measurements: every commit reaches the disk.
    pub fn start_durable() -> Result<Self> {
        Self::start_with("-c synchronous_commit=on")
    }

    /// Makes and starts a cluster that listens on a free port of 127.0.0.1, without a password.
    fn start_with(durability: &str) -> Result<Self> {
        let programs = programs()?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("countersign-postgres-{}", std::process::id()));
        let cluster = Self { folder, programs, port };
        cluster.make_folder()?;
        process::run(
            cluster
                .program("initdb")
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D"])
                .arg(cluster.data()),
        )?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} {durability} -c max_connections=300 -c unix_socket_directories={}",
            cluster.folder.display()
        );
        let log = cluster.folder.join("log");
        process::run(
            cluster.program("pg_ctl").arg("-D").arg(cluster.data()).arg("-l").arg(log).args(["-w", "-o", &options, "start"]),
        )?;
        Ok(cluster)
    }

    /// The superuser's address of the maintenance database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Makes an empty database and gives its address.
    pub fn create_database(&self, name: &str) -> Result<String> {
        process::run(self.program("createdb").args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", name]))?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// `initdb` refuses root, so root makes the folder for, and runs everything as, the user `postgres`.
    fn make_folder(&self) -> Result<()> {
        if process::is_root() {
            process::run(
                process::command("install").args(["-d", "-o", "postgres", "-g", "postgres", "-m", "700"]).arg(&self.folder),
            )
        } else {
            fs::create_dir_all(&self.folder).context("cannot make a folder for PostgreSQL")
        }
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if process::is_root() {
            let mut command = process::command("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            process::command(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = process::run(self.program("pg_ctl").arg("-D").arg(self.data()).args(["-m", "immediate", "stop"])) {
            eprintln!("PostgreSQL was not stopped: {error:#}");
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} was not removed: {error}", self.folder.display());
        }
    }
}

/// The folder of the newest installed PostgreSQL's programs.
fn programs() -> Result<PathBuf> {
    let base = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<PathBuf> = fs::read_dir(base)
        .context("PostgreSQL is missing: install the package `postgresql`")?
        .flatten()
        .map(|v| v.path())
        .collect();
    versions.sort();
    let newest = versions.pop().context("PostgreSQL is missing: install the package `postgresql`")?;
    Ok(newest.join("bin"))
}
