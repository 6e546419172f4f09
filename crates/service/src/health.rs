//! How the parts are that the server stands on.

use std::sync::Arc;

use api::health::{Check, Checks, Health, HealthReport, HealthStatus};
use async_trait::async_trait;
use store::StoreError;

use crate::core::Core;
use crate::guard_watch::GuardWatch;
use crate::worker::Pulse;

/// What is there beside what this version makes is named up to so many.
const NOTED_MAX: usize = 10;

/// The use cases of health.
pub struct HealthCases {
    pub core: Arc<Core>,
    pub pulse: Arc<Pulse>,
    pub guards: Arc<GuardWatch>,
}

#[async_trait]
impl Health for HealthCases {
    async fn report(&self) -> HealthReport {
        let checks = Checks {
            database: self.database().await,
            worker: self.worker(),
            audit: self.audit().await,
            playbooks: self.playbooks(),
        };
        let parts = [&checks.database, &checks.worker, &checks.audit, &checks.playbooks];
        let status = parts.iter().map(|check| check.status).max().unwrap_or(HealthStatus::Ok);
        HealthReport { status, version: env!("CARGO_PKG_VERSION").to_owned(), checks }
    }
}

impl HealthCases {
    async fn database(&self) -> Check {
        match self.guarded().await {
            Ok(noted) if noted.is_empty() => ok("answers and takes writes"),
            Ok(noted) => {
                let more = noted.len().saturating_sub(NOTED_MAX);
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                let named = noted.iter().take(NOTED_MAX).map(String::as_str).collect::<Vec<_>>().join("; ");
                ok(&format!("answers and takes writes; beside what this version makes there is: {named}{more}"))
            }
            Err(error) => Check { status: HealthStatus::Down, detail: error.to_string() },
        }
    }

    /// Does the database answer, and guard what it holds? Gives what else is to be said of its schema.
    async fn guarded(&self) -> Result<Vec<String>, StoreError> {
        self.core.store.check().await?;
        let report = self.guards.report(&self.core.store, self.core.clock).await?;
        report.expect_sound()?;
        Ok(report.noted)
    }

    fn worker(&self) -> Check {
        if self.pulse.is_beating(self.core.clock.now()) {
            ok("looks for work")
        } else {
            Check { status: HealthStatus::Degraded, detail: "no worker has looked for work lately".to_owned() }
        }
    }

    async fn audit(&self) -> Check {
        match self.core.store.audit().size().await {
            Ok(size) => ok(&format!("{size} entries")),
            Err(error) => Check { status: HealthStatus::Down, detail: error.to_string() },
        }
    }

    fn playbooks(&self) -> Check {
        let library = self.core.shelf.library();
        let in_force = library.list().count();
        match library.faults().next() {
            None => ok(&format!("{in_force} in force")),
            Some(first) => {
                let faults = library.faults().count();
                let detail = format!("{in_force} in force; {faults} faults keep a version out, the first is {first}");
                Check { status: HealthStatus::Degraded, detail }
            }
        }
    }
}

fn ok(detail: &str) -> Check {
    Check { status: HealthStatus::Ok, detail: detail.to_owned() }
}
