//! Makes the incidents of an older database searchable, while the server runs. What they are found by, and how far it has come, is
//! the store's business.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::core::Core;

/// Incidents that are looked at together.
const INCIDENTS_AT_ONCE: u64 = 100;
/// How often it is said how far it has come.
const TOLD_EVERY: i64 = 10_000;
/// How long to wait before a try that failed is made again.
const PAUSE: Duration = Duration::from_secs(5);

/// Works until everything is searchable, or the token is cancelled; whoever starts next goes on from there.
pub async fn fill(core: Arc<Core>, end: CancellationToken) {
    let mut told = 0;
    while !end.is_cancelled() {
        match core.store.backfill_terms(INCIDENTS_AT_ONCE).await {
            Ok(progress) if progress.is_done() => {
                if told > 0 {
                    tracing::info!(last = progress.last, "every incident can be found by its words");
                }
                return;
            }
            Ok(progress) => {
                if told == 0 || progress.next / TOLD_EVERY > told / TOLD_EVERY {
                    tracing::info!(progress.next, progress.last, "incidents of an older version are made searchable");
                }
                told = progress.next;
            }
            Err(error) => {
                tracing::warn!(%error, "older incidents could not be made searchable; trying again");
                tokio::select! {
                    () = end.cancelled() => {}
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}
