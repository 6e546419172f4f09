//! Where things are in the workspace, and watching its sources.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::{process, site};

/// How often `dev` looks for changed files.
const WATCH_INTERVAL: Duration = Duration::from_millis(700);
/// What `dev` watches.
const WATCHED: [&str; 7] = ["app", "crates", "frontend", "migration", "playbooks", "server", "style"];

/// The workspace's folder.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// `countersign`, built for release.
pub fn release_binary() -> PathBuf {
    target().join("release/countersign")
}

/// `countersign`, built for development and tests.
pub fn debug_binary() -> PathBuf {
    target().join("debug/countersign")
}

/// Builds and starts a demo server, again and again, whenever a watched file changes.
pub fn rebuild_on_change() -> Result<()> {
    let data = target().join("dev-data");
    let mut server: Option<Child> = None;
    loop {
        let built_at = newest_change();
        if let Some(mut running) = server.take() {
            running.kill()?;
            running.wait()?;
        }
        match site::build().and_then(|()| process::cargo(&["build", "--package", "server"])) {
            Ok(()) => server = Some(process::command(debug_binary()).arg("demo").arg("--data-dir").arg(&data).spawn()?),
            Err(error) => eprintln!("{error:#}\nwaiting for a change"),
        }
        while newest_change() == built_at {
            std::thread::sleep(WATCH_INTERVAL);
        }
    }
}

fn newest_change() -> Option<SystemTime> {
    WATCHED.iter().filter_map(|folder| newest_below(&root().join(folder))).max()
}

fn newest_below(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    entries
        .filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            if kind.is_dir() { newest_below(&entry.path()) } else { entry.metadata().ok()?.modified().ok() }
        })
        .max()
}
