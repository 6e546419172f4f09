//! Which connector stands behind which action.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use domain::action::{Action, Reach};
use domain::plan::RunMode;

use crate::Connector;
use crate::action::outbox::Outbox;
use crate::action::own_record::OwnRecord;
use crate::action::simulated::Simulated;

/// The connectors of this installation.
#[derive(Clone)]
pub struct Registry {
    simulated: Arc<dyn Connector>,
    outbox: Arc<dyn Connector>,
    own_record: Arc<dyn Connector>,
    /// Connectors that were put in place for an action.
    in_place: HashMap<Action, Arc<dyn Connector>>,
}

impl Registry {
    /// The default: messages go to files in `outbox`, everything else is simulated.
    #[must_use]
    pub fn with_outbox(outbox: &Path) -> Self {
        Self {
            simulated: Arc::new(Simulated),
            outbox: Arc::new(Outbox::new(outbox)),
            own_record: Arc::new(OwnRecord),
            in_place: HashMap::new(),
        }
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
        match (mode, self.in_place.get(&action), action.manifest().reach) {
            (RunMode::DryRun, _, _) => &self.simulated,
            (RunMode::Live, _, Reach::OwnRecord | Reach::Time) => &self.own_record,
            (RunMode::Live, Some(connector), Reach::Outside) => connector,
            (RunMode::Live, None, Reach::Outside) if action == Action::Notify => &self.outbox,
            (RunMode::Live, None, Reach::Outside) => &self.simulated,
        }
    }
}
