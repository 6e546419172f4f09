//! Which connector stands behind which action.

use std::collections::HashMap;
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
    /// Connectors that were put in place for an action.
    in_place: HashMap<Action, Arc<dyn Connector>>,
}

impl Registry {
    /// The default: messages go to files in `outbox`, everything else is simulated.
    #[must_use]
    pub fn with_outbox(outbox: &Path) -> Self {
        Self { simulated: Arc::new(Simulated), outbox: Arc::new(Outbox::new(outbox)), in_place: HashMap::new() }
    }

    /// Has this connector perform the action in live runs.
    #[must_use]
    pub fn with(mut self, action: Action, connector: Arc<dyn Connector>) -> Self {
        self.in_place.insert(action, connector);
        self
    }

    /// The connector that performs this action; in a dry run every action is simulated.
    #[must_use]
    pub fn of(&self, action: Action, mode: RunMode) -> &Arc<dyn Connector> {
        match (mode, self.in_place.get(&action), action) {
            (RunMode::Live, Some(connector), _) => connector,
            (RunMode::Live, None, Action::Notify) => &self.outbox,
            (RunMode::Live | RunMode::DryRun, _, _) => &self.simulated,
        }
    }
}
