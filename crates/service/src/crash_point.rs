//! Named points at which the process can be told to die, in debug builds only: how crash safety is shown without luck.

use std::sync::OnceLock;

static ARMED: OnceLock<String> = OnceLock::new();

/// The points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// The effect is committed, the connector was not called yet.
    EffectCommitted,
    /// That a message goes out is committed, its file was not written yet.
    MessageClaimed,
    /// The file of a message is written, that is not committed yet.
    MessageWritten,
    /// The connector was called, its outcome is not committed yet.
    ConnectorCalled,
    /// Another attempt is committed, the connector was not called again yet.
    RetryCommitted,
    /// Taking a step back is committed, the connector was not called yet.
    UndoCommitted,
    /// The connector has taken a step back, that is not committed yet.
    UndoCalled,
    /// The last step's outcome is committed, the run has not ended yet.
    BeforeRunEnds,
    /// Entries have their places in the log, that is not committed yet.
    PlacingEntries,
    /// A change with its idempotency key is committed, its answer was not sent yet.
    BeforeAnswer,
}

impl CrashPoint {
    /// The name by which a point is armed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EffectCommitted => "effect_committed",
            Self::MessageClaimed => "message_claimed",
            Self::MessageWritten => "message_written",
            Self::ConnectorCalled => "connector_called",
            Self::RetryCommitted => "retry_committed",
            Self::UndoCommitted => "undo_committed",
            Self::UndoCalled => "undo_called",
            Self::BeforeRunEnds => "before_run_ends",
            Self::PlacingEntries => "placing_entries",
            Self::BeforeAnswer => "before_answer",
        }
    }

    /// Dies here if this point is armed, as `kill -9` would have it: nothing is flushed, nobody is told.
    pub fn reach(self) {
        if cfg!(debug_assertions) && ARMED.get().is_some_and(|name| name == self.name()) {
            std::process::abort();
        }
    }
}

/// Arms one point, for the rest of the process.
pub fn arm(name: String) {
    if ARMED.set(name).is_err() {
        tracing::warn!("a crash point is armed already");
    }
}
