//! Taking a duplicate's alerts into another incident.

use super::{Incident, State, add_entities};
use crate::timestamp::Timestamp;

/// May an incident in this state be merged into another as its duplicate?
#[must_use]
pub const fn may_be_merged(state: State) -> bool {
    matches!(state, State::Classified)
}

/// May an incident in this state take a duplicate's alerts?
#[must_use]
pub const fn may_take_duplicate(state: State) -> bool {
    !matches!(state, State::Closed)
}

impl Incident {
    /// The incident with the alerts of a duplicate; it is scored anew by the caller.
    #[must_use]
    pub fn absorbing(self, duplicate: &Self, at: Timestamp) -> Self {
        let mut entities = self.entities.clone();
        add_entities(&mut entities, &duplicate.entities);
        let absorbed = Self {
            alert_count: self.alert_count.saturating_add(duplicate.alert_count),
            privileged_account: self.privileged_account || duplicate.privileged_account,
            critical_asset: self.critical_asset || duplicate.critical_asset,
            entities,
            ..self
        };
        absorbed.acknowledged(at)
    }

    /// The duplicate once its alerts are elsewhere, not yet closed.
    #[must_use]
    pub fn merged_into(self, into: &Self) -> Self {
        Self { merged_into: Some(into.id), alert_count: 0, ..self }
    }
}
