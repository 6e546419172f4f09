//! Which connector stands behind which action.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::action::{Action, Reach};
use domain::plan::RunMode;

use crate::Connector;
use crate::action::outbox::{MessageRecord, Outbox};
use crate::action::own_record::OwnRecord;
use crate::action::simulated::Simulated;

/// The connectors of this installation.
#[derive(Clone)]
pub struct Registry {
    simulated: Arc<dyn Connector>,
    outbox_folder: PathBuf,
    outbox: Arc<dyn Connector>,
    own_record: Arc<dyn Connector>,
    /// Connectors that were put in place for an action.
    in_place: HashMap<Action, Arc<dyn Connector>>,
}

impl Registry {
    /// The default: messages go to files in `outbox` once they have a record, everything else is simulated.
    #[must_use]
    pub fn with_outbox(outbox: &Path) -> Self {
        Self {
            simulated: Arc::new(Simulated),
            outbox_folder: outbox.to_owned(),
            outbox: Arc::new(Outbox::without_record(outbox)),
            own_record: Arc::new(OwnRecord),
            in_place: HashMap::new(),
        }
    }

    /// Keeps the messages of the outbox in this record.
    #[must_use]
    pub fn recorded_in(self, record: Arc<dyn MessageRecord>) -> Self {
        Self { outbox: Arc::new(Outbox::recorded_in(&self.outbox_folder, record)), ..self }
    }

    /// Every connector, each once.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        [&self.simulated, &self.outbox, &self.own_record].into_iter().chain(self.in_place.values())
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
