//! Fuzzing of the REST API: the debug server on a temporary database, and schemathesis against its OpenAPI document as every caller.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{process, python, workspace};

/// Cases that a full run sends at least.
pub const CASES: u32 = 20_000;
/// How often it is looked whether the server is ready.
const INTERVAL: Duration = Duration::from_millis(50);

/// Fuzzes with at least so many cases.
pub fn test(cases: u32) -> Result<()> {
    process::cargo(&["build", "--package", "server"])?;
    let python = python::environment("fuzz", "xtask/fuzz/requirements.txt")?;
    let folder = std::env::temp_dir().join(format!("countersign-fuzz-{}", std::process::id()));
    let mut server = Server::start(&folder)?;
    let credentials = server.credentials()?;
    let found = process::run(
        process::command(python)
            .arg(workspace::root().join("xtask/fuzz/fuzz.py"))
            .arg(url_of(&credentials)?)
            .arg(&credentials)
            .arg(cases.to_string())
            .arg(&folder),
    );
    if found.is_err() {
        eprintln!("the server's log: {}", server.log().display());
        server.keep = true;
    }
    found
}

/// A demo server over a temporary folder; dropped, it is stopped and its folder removed.
struct Server {
    process: Child,
    folder: PathBuf,
    keep: bool,
}

impl Server {
    fn start(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let log = fs::File::create(folder.join("log"))?;
        let mut command = process::command(workspace::debug_binary());
        command.args(["demo", "--quiet", "--port", "0", "--data-dir"]).arg(folder).env_remove("DATABASE_URL");
        let process = command.stdout(Stdio::null()).stderr(log).spawn().context("cannot start the server")?;
        Ok(Self { process, folder: folder.to_owned(), keep: false })
    }

    /// The file with everybody's credentials, once the server is ready.
    fn credentials(&mut self) -> Result<PathBuf> {
        let file = self.folder.join("demo-credentials.json");
        while !file.exists() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended with {status}: {}", fs::read_to_string(self.log()).unwrap_or_default());
            }
            std::thread::sleep(INTERVAL);
        }
        Ok(file)
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !self.keep
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            eprintln!("{} was not removed: {error}", self.folder.display());
        }
    }
}

/// The address in the file of credentials: the value of its first member.
fn url_of(credentials: &Path) -> Result<String> {
    let text = fs::read_to_string(credentials)?;
    let url = text.split('"').find(|part| part.starts_with("http://"));
    url.map(ToOwned::to_owned).context("the file of credentials has no address")
}
