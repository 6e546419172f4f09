//! Watches over the guards of the database while the server runs. Whoever asks how they stand is told what was found last; it is looked again after a
//! moment, so that many who ask cost no more than one.

use domain::timestamp::Timestamp;
use store::{GuardReport, Store, StoreError};
use tokio::sync::Mutex;

use crate::clock::Clock;

/// What was found counts for so long.
const FOUND_COUNTS_FOR_MS: u64 = 1_000;

/// How the guards stood when it was looked last.
#[derive(Default)]
pub struct GuardWatch(Mutex<Option<(Timestamp, GuardReport)>>);

impl GuardWatch {
    /// How the guards stand.
    pub async fn report(&self, store: &Store, clock: Clock) -> Result<GuardReport, StoreError> {
        // Those who ask meanwhile wait for the one who looks.
        let mut last = self.0.lock().await;
        let now = clock.now();
        if let Some((at, report)) = last.as_ref()
            && now.unix_ms().abs_diff(at.unix_ms()) < FOUND_COUNTS_FOR_MS
        {
            return Ok(report.clone());
        }
        let report = store.check_guards().await?;
        *last = Some((now, report.clone()));
        Ok(report)
    }
}
