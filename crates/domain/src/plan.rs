//! A playbook resolved against one incident: exactly what would run. Its canonical JSON is what people sign and what runs.
//! How a playbook becomes a plan is in the crate `playbooks`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::action::Action;
use crate::canonical;
use crate::digest::Digest;
use crate::id::{IncidentId, PlaybookId, StepId};
use crate::incident::State;
use crate::word_enum;

word_enum! {
    /// Does a run touch the world, or only say what it would do?
    RunMode {
        Live = "live",
        DryRun = "dry_run",
    }
}

/// The playbook behind a plan, down to its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookRef {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: PlaybookId,
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub digest: Digest,
}

/// Why an approval is asked for: the rule's name as in the playbook, and what made it hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalReason {
    pub rule: String,
    pub detail: String,
}

/// Whether and how the plan as a whole must be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalDemand {
    pub required: bool,
    /// How many people must approve, 1 to 5.
    pub quorum: u8,
    /// Seconds until an undecided approval expires, 1 to 86,400.
    pub expires_in_s: u32,
    pub reasons: Vec<ApprovalReason>,
}

/// A signature asked for in the middle of a run, before this step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gate {
    pub quorum: u8,
    pub expires_in_s: u32,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedAction {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub step: StepId,
    pub action: Action,
    pub connector: String,
    /// Rises whenever the connector's configuration changes.
    pub connector_revision: u32,
    pub destructive: bool,
    pub undo: Option<Action>,
    /// The condition's source text; evaluated right before the step.
    pub when: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parameters: Map<String, Value>,
    /// Names of the parameters that read an earlier step's output and stay as source text until then.
    pub late: Vec<String>,
    /// The condition is already known to be false.
    pub skipped: bool,
    pub gate: Option<Gate>,
}

/// A playbook resolved against one incident. Holds no time and no run id, so it stays the same while nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident_id: IncidentId,
    pub playbook: PlaybookRef,
    pub mode: RunMode,
    pub approval: ApprovalDemand,
    pub actions: Vec<PlannedAction>,
    /// Where the incident goes when every step went well.
    pub on_success: Option<State>,
}

/// A plan with its digest, as it is shown and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DigestedPlan {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub digest: Digest,
    #[serde(flatten)]
    pub plan: Plan,
}

/// What is signed at a gate in the middle of a run, or after a stale plan: the steps that are left, resolved again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatePlan {
    /// The digest of the run's first plan.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub plan_digest: Digest,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from_step: StepId,
    pub actions: Vec<PlannedAction>,
}

impl Plan {
    /// The RFC 8785 JSON that is stored, signed and executed.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical::to_json(self)
    }

    /// SHA-256 of [`Plan::canonical`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }

    /// The plan together with its digest.
    #[must_use]
    pub fn digested(self) -> DigestedPlan {
        DigestedPlan { digest: self.digest(), plan: self }
    }
}

impl GatePlan {
    /// The RFC 8785 JSON that is stored, signed and executed.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical::to_json(self)
    }

    /// SHA-256 of [`GatePlan::canonical`].
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }
}
