//! Which connector stands behind which action.

use std::path::Path;
use std::sync::Arc;

use domain::action::Action;
use domain::plan::RunMode;

use crate::Connector;
use crate::action::outbox::Outbox;
use crate::action::simulated::Simulated;

/// The connectors of this installation.
#[derive(Clone)]
pub struct Registry {
    simulated: Arc<dyn Connector>,
    outbox: Arc<dyn Connector>,
}

impl Registry {
    /// The default: messages go to files in `outbox`, everything else is simulated.
    #[must_use]
    pub fn with_outbox(outbox: &Path) -> Self {
        Self { simulated: Arc::new(Simulated), outbox: Arc::new(Outbox::new(outbox)) }
    }

    /// The connector that performs this action; in a dry run every action is simulated.
    #[must_use]
    pub fn of(&self, action: Action, mode: RunMode) -> &Arc<dyn Connector> {
        match (mode, action) {
            (RunMode::Live, Action::Notify) => &self.outbox,
            (RunMode::Live | RunMode::DryRun, _) => &self.simulated,
        }
    }
}
