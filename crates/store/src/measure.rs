//! What the writers measure: how much shared one commit, and how long it took. Names are those of `service::metrics`.

use metrics::histogram;
use tokio::time::Instant;

const CHANGES: &str = "countersign_write_group_changes";
const SECONDS: &str = "countersign_write_group_seconds";

/// A group that is being written.
pub(crate) struct Measured {
    changes: usize,
    started: Instant,
}

impl Measured {
    /// The writing of these many changes and alerts begins.
    pub(crate) fn start(changes: usize) -> Self {
        Self { changes, started: Instant::now() }
    }

    /// It is committed.
    #[expect(clippy::cast_precision_loss, reason = "a group is small")]
    pub(crate) fn committed(self) {
        histogram!(CHANGES).record(self.changes as f64);
        histogram!(SECONDS).record(self.started.elapsed().as_secs_f64());
    }
}
