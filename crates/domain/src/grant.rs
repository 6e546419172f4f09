//! What enough signatures give a run: to start, or to pass one gate; and how a step stands to the signature that it needs. Who may
//! sign is decided in `approval`; the database enforces both again.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::approval::Approval;
use crate::digest::Digest;
use crate::id::{ApprovalId, RunId, StepId, UserId};
use crate::timestamp::Timestamp;

/// Which approval a step stands behind; fixed when the run is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gated {
    /// None: the step may run without a signature.
    Nowhere,
    /// The approval of the run as a whole.
    AtStart,
    /// The approval at this step, which covers it and what follows.
    AtStep(StepId),
}

/// What an approval gives a run: to start, or to pass one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: Uuid,
    pub approval_id: ApprovalId,
    pub run_id: RunId,
    pub plan_digest: Digest,
    /// The gate that it opens, as the run's steps name it.
    pub gate: Gated,
    pub granted_at: Timestamp,
    /// By the database's clock.
    pub start_by: Timestamp,
}

/// The connector in place for a step, compared with the one of the plan in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    AsPlanned,
    /// Another connector, or another revision of its configuration.
    Changed,
}

/// How a step that is next stands to the signature that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It needs none.
    Free,
    /// It needs none, but what would run is no longer what was planned.
    Changed,
    /// It was signed, under this grant.
    Signed(Uuid),
    /// Its gate was not signed yet.
    Unsigned,
    /// It was signed, and what would run is no longer what people saw: they must be asked anew.
    Stale,
}

impl Grant {
    /// May it start its run, or carry it past its gate? In time, and only while enough of those who approved may still decide.
    #[must_use]
    pub fn opens(&self, approval: &Approval, approvers: &BTreeSet<UserId>, now: Timestamp) -> bool {
        now <= self.start_by && approval.has_quorum(approvers)
    }
}

/// Is what a run would execute the plan that was signed last, or its first one if none was? Nothing of ours leads elsewhere.
#[must_use]
pub fn is_in_force(current_plan: &Digest, first_plan: &Digest, latest: Option<&Grant>) -> bool {
    current_plan == latest.map_or(first_plan, |grant| &grant.plan_digest)
}

impl Standing {
    /// Of a step behind this gate, by what the run's latest approval granted and what would run.
    #[must_use]
    pub fn of(gate: &Gated, latest: Option<&Grant>, binding: Binding) -> Self {
        match (gate, latest.filter(|grant| grant.gate == *gate), binding) {
            (Gated::Nowhere, _, Binding::AsPlanned) => Self::Free,
            (Gated::Nowhere, _, Binding::Changed) => Self::Changed,
            (_, None, _) => Self::Unsigned,
            (_, Some(_), Binding::Changed) => Self::Stale,
            (_, Some(grant), Binding::AsPlanned) => Self::Signed(grant.id),
        }
    }
}

#[cfg(test)]
mod tests;
