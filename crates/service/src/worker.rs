//! The worker: claims jobs, one at a time per task, does them, and says so to whoever asks about health.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::timestamp::Timestamp;
use store::{ClaimedJob, StoreError};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::error::ServiceError;
use crate::jobs::{Job, advance_run, expire_approval, send_notification, warn_of_expiry};

/// How long a claim holds without a heartbeat, by the database's clock.
pub const LEASE_MS: i64 = 30_000;
/// How often a claim is renewed while a connector works.
pub const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often work of other processes, or work that has become due, is looked for.
const POLL: Duration = Duration::from_millis(500);
/// How long a worker that is not woken rests.
const REST: Duration = Duration::from_secs(15);
/// A worker that has not looked for work for this long does not beat.
const PULSE_MS_MAX: i64 = 60_000;
const RETRY_MS_MIN: i64 = 1_000;
const RETRY_MS_MAX: i64 = 300_000;
/// Attempts after which a run that cannot go on is given up.
const ATTEMPTS_MAX: u32 = 5;

/// When a worker last looked for work.
#[derive(Default)]
pub struct Pulse(AtomicI64);

impl Pulse {
    /// Has a worker looked for work lately?
    pub fn is_beating(&self, now: Timestamp) -> bool {
        now.unix_ms() - self.0.load(Ordering::Relaxed) < PULSE_MS_MAX
    }

    fn beat(&self, now: Timestamp) {
        self.0.store(now.unix_ms(), Ordering::Relaxed);
    }
}

/// One task that does jobs.
pub struct Worker {
    core: Arc<Core>,
    pulse: Arc<Pulse>,
    name: String,
}

/// Whether a step found something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Work,
    Nothing,
}

impl Worker {
    /// A worker with a name that nobody else has.
    pub fn new(core: Arc<Core>, pulse: Arc<Pulse>) -> Self {
        let name = core.clock.uuid().to_string();
        Self { core, pulse, name }
    }

    /// Does jobs until the token is cancelled; the job that is under way is done to its end.
    pub async fn run(&self, end: CancellationToken) {
        while !end.is_cancelled() {
            match self.step().await {
                Ok(Found::Work) => {}
                Ok(Found::Nothing) => self.wait(&end).await,
                Err(error) => {
                    tracing::warn!(%error, "a job could not be claimed or given back; trying again");
                    self.wait(&end).await;
                }
            }
        }
    }

    /// Does one job, if one is due.
    pub async fn step(&self) -> Result<Found, ServiceError> {
        self.pulse.beat(self.core.clock.now());
        let Some(job) = self.core.store.claim_job(&self.name, LEASE_MS).await? else { return Ok(Found::Nothing) };
        // There may be more: another worker looks while this one is busy.
        self.core.work.notify_one();
        match self.perform(&job).await {
            Ok(()) => {}
            Err(ServiceError::Store(StoreError::LostLease)) => tracing::debug!(job.id, "another worker has taken the job over"),
            Err(error) => self.put_off(&job, &error).await?,
        }
        Ok(Found::Work)
    }

    async fn perform(&self, job: &ClaimedJob) -> Result<(), ServiceError> {
        match Job::of(job)? {
            Job::AdvanceRun(id) => advance_run::run(&self.core, job, id).await,
            Job::ExpireApproval(id) => expire_approval::run(&self.core, job, id).await,
            Job::WarnOfExpiry(id) => warn_of_expiry::run(&self.core, job, id).await,
            Job::SendNotification(number) => send_notification::run(&self.core, job, number).await,
        }
    }

    /// A job that failed is tried again. A run that fails in the same way again and again ends, where people see it.
    async fn put_off(&self, job: &ClaimedJob, error: &ServiceError) -> Result<(), ServiceError> {
        if error.is_permanent()
            && job.attempts >= ATTEMPTS_MAX
            && let Ok(Job::AdvanceRun(id)) = Job::of(job)
        {
            tracing::error!(job.id, job.kind, job.subject, %error, job.attempts, "a run cannot go on and ends");
            return advance_run::give_up(&self.core, job, id, error.to_string()).await;
        }
        let wait_ms = retry_ms(job.attempts);
        tracing::error!(job.id, job.kind, job.subject, %error, wait_ms, "a job failed and will be tried again");
        let run_after = self.core.store.now().await?.plus_ms(wait_ms);
        Ok(self.core.store.retry_job_later(job, run_after).await?)
    }

    async fn wait(&self, end: &CancellationToken) {
        tokio::select! {
            () = end.cancelled() => {}
            () = self.core.work.notified() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// Wakes a worker when work of another process has come or work has become due, until the token is cancelled.
pub async fn wake_workers(core: Arc<Core>, end: CancellationToken) {
    while !end.is_cancelled() {
        match core.store.jobs().is_due().await {
            Ok(true) => core.work.notify_one(),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the table of work cannot be read; trying again"),
        }
        tokio::select! {
            () = end.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Twice as long after each attempt.
fn retry_ms(attempts: u32) -> i64 {
    RETRY_MS_MIN.saturating_mul(1 << attempts.min(16)).min(RETRY_MS_MAX)
}
