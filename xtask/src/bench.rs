//! The benchmarks: a release build with the routes that figures are compared with, measured by the program `bench`.

use anyhow::Result;

use crate::postgres::Cluster;
use crate::{browser, process, site, workspace};

/// As many databases are made for PostgreSQL as `bench` measures rounds by default.
const ROUNDS: usize = 3;

/// Builds, starts what is needed, and measures; the arguments go to `bench`. What a browser must measure, Playwright does.
pub fn run(arguments: &[String]) -> Result<()> {
    if arguments.first().is_some_and(|subject| subject == "browser") {
        browser::prepare()?;
        process::cargo(&["build", "--release", "--package", "server"])?;
        return browser::measure(&arguments[1..]);
    }
    site::build()?;
    process::cargo(&["build", "--release", "--package", "server", "--features", "server/bench"])?;
    process::cargo(&["build", "--release", "--package", "bench"])?;
    let cluster = Cluster::start_durable().inspect_err(|error| eprintln!("without PostgreSQL: {error:#}")).ok();
    let mut bench = process::command(workspace::target().join("release/bench"));
    bench.args(arguments).arg("--server").arg(workspace::release_binary());
    bench.arg("--folder").arg(workspace::target().join("bench"));
    if let Some(cluster) = &cluster {
        for round in 0..ROUNDS {
            bench.arg("--postgres").arg(cluster.create_database(&format!("bench_{round}"))?);
        }
    }
    process::run(&mut bench)
}
