//! A playbook resolved against one incident: exactly what would run. Its canonical JSON is what people sign and what runs.
//! How a playbook becomes a plan is in the crate `playbooks`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::action::Action;
use crate::canonical;
use crate::digest::Digest;
use crate::grant::Gated;
use crate::id::{IncidentId, PlaybookId, StepId};
use crate::incident::State;
use crate::sealed::{Sealed, Tampered};
use crate::word_enum;

word_enum! {
    /// Does a run touch the world, or only say what it would do?
    RunMode {
        Live = "live",
        DryRun = "dry_run",
    }
}

word_enum! {
    /// What follows a step that failed.
    OnError {
        /// The run ends there.
        Stop = "stop",
        /// The run goes on with the next step.
        Continue = "continue",
        /// What the steps before it did is taken back, the last first; then the run ends.
        Undo = "undo",
    }
}

/// How often a step may be tried in all.
pub const ATTEMPTS_MAX: u8 = 10;
/// The longest first wait between two attempts, and the longest one that doubling reaches: one hour.
pub const BACKOFF_S_MAX: u32 = 3_600;
/// The first wait between two attempts, unless the playbook says otherwise.
pub const BACKOFF_S_DEFAULT: u32 = 2;
/// The longest time that one attempt may take: one hour.
pub const TIMEOUT_S_MAX: u32 = 3_600;
/// How long one attempt may take, unless the playbook says otherwise.
pub const TIMEOUT_S_DEFAULT: u32 = 60;

/// The largest canonical JSON of a plan's facts, in bytes.
pub const FACTS_BYTES_MAX: usize = 65_536;

/// How often a step is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryPolicy {
    /// All attempts together, 1 to 10.
    pub attempts: u8,
    /// Seconds between the first and the second attempt; doubled after each further one, up to an hour.
    pub backoff_s: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 1, backoff_s: BACKOFF_S_DEFAULT }
    }
}

impl RetryPolicy {
    /// Seconds to wait after this many attempts.
    #[must_use]
    pub fn wait_s(self, attempts: u32) -> u32 {
        let doubled = self.backoff_s.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        doubled.min(BACKOFF_S_MAX)
    }
}

/// The playbook behind a plan, down to its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaybookRef {
    pub id: PlaybookId,
    pub name: String,
    pub digest: Digest,
}

/// Why an approval is asked for: the rule's name as in the playbook, and what made it hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalReason {
    pub rule: String,
    pub detail: String,
    /// It no longer holds of the incident as it is: a person changed what made it hold.
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
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
    pub step: StepId,
    pub action: Action,
    pub connector: String,
    /// Rises whenever the connector's configuration changes.
    pub connector_revision: u32,
    pub destructive: bool,
    /// Can customers notice it?
    #[serde(default)]
    pub customer_impact: bool,
    pub undo: Option<Action>,
    /// The condition's source text; evaluated right before the step.
    pub when: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parameters: Map<String, Value>,
    /// Names of the parameters that read an earlier step's output and stay as source text until then.
    pub late: Vec<String>,
    /// The condition is already known to be false.
    pub skipped: bool,
    /// Why the condition has no value, where no earlier step can change that: the run stops here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_error: Option<String>,
    pub gate: Option<Gate>,
    #[serde(default)]
    pub retry: RetryPolicy,
    /// Seconds that one attempt may take, 1 to 3,600.
    #[serde(default = "timeout_s_default")]
    pub timeout_s: u32,
    #[serde(default = "on_error_default")]
    pub on_error: OnError,
}

/// Of a plan that was stored before steps had one.
const fn timeout_s_default() -> u32 {
    TIMEOUT_S_DEFAULT
}

/// Of a plan that was stored before steps had one.
const fn on_error_default() -> OnError {
    OnError::Stop
}

/// Something that a plan aims at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTarget {
    /// The parameter that names it, such as `ip`, `user`, `host`.
    pub parameter: String,
    pub value: String,
    /// The titles of the actions that touch it.
    pub actions: Vec<String>,
}

/// What these steps aim at, each target once, in their order; what is skipped or not known yet aims at nothing.
#[must_use]
pub fn targets(steps: &[PlannedAction]) -> Vec<PlanTarget> {
    let mut found: Vec<PlanTarget> = Vec::new();
    for step in steps.iter().filter(|step| !step.skipped) {
        let manifest = step.action.manifest();
        for parameter in manifest.parameters.iter().filter(|parameter| parameter.target) {
            let given = step.parameters.get(parameter.name).and_then(Value::as_str);
            let Some(value) = given.filter(|_| !step.late.iter().any(|late| late == parameter.name)) else { continue };
            let title = manifest.title.to_owned();
            match found.iter_mut().find(|target| target.parameter == parameter.name && target.value == value) {
                Some(target) => target.actions.push(title),
                None => {
                    found.push(PlanTarget { parameter: parameter.name.to_owned(), value: value.to_owned(), actions: vec![title] })
                }
            }
        }
    }
    found
}

/// A playbook resolved against one incident. Holds no time and no run id, so it stays the same while nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    pub incident_id: IncidentId,
    pub playbook: PlaybookRef,
    pub mode: RunMode,
    pub approval: ApprovalDemand,
    pub actions: Vec<PlannedAction>,
    /// What texts and conditions that wait for an earlier step read of the incident, by its path, as it was when the plan was made.
    /// `None` in a plan of an older version, which read it when the step's time had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: Option<Map<String, Value>>,
    /// Where the incident goes when every step went well.
    pub on_success: Option<State>,
}

/// A plan with its digest, as it is shown and signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DigestedPlan {
    pub digest: Digest,
    #[serde(flatten)]
    pub plan: Plan,
}

/// What is signed at a gate in the middle of a run, or after a stale plan: the steps that are left, resolved again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatePlan {
    /// The digest of the run's first plan.
    pub plan_digest: Digest,
    pub from_step: StepId,
    pub actions: Vec<PlannedAction>,
    /// Only where the run's first plan has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: Option<Map<String, Value>>,
}

/// What is stored is not the plan that people signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenPlan {
    #[error("the stored plan is not the one with the digest {0}")]
    OtherDigest(Digest),
    #[error("the stored plan {0} is of another run")]
    OtherRun(Digest),
    #[error("the plan in force, {0}, is not the one that was signed")]
    NotSigned(Digest),
    #[error("the stored plan {0} cannot be read: {1}")]
    Unreadable(Digest, String),
}

/// What this stored text says; refused unless it is the very text with its digest.
fn signed<T: for<'de> Deserialize<'de>>(stored: &Sealed<String>) -> Result<T, BrokenPlan> {
    let body = stored.opened().map_err(|Tampered(digest)| BrokenPlan::OtherDigest(digest))?;
    serde_json::from_str(body).map_err(|error| BrokenPlan::Unreadable(stored.digest(), error.to_string()))
}

impl PlannedAction {
    /// Is something of it only known when its time has come?
    #[must_use]
    pub fn is_late(&self) -> bool {
        !self.skipped && (!self.late.is_empty() || self.when.is_some())
    }
}

/// The facts by which these steps run, of the plan that holds them; `None` if nobody signed any and a step reads some.
#[must_use]
pub fn facts_in_force(actions: &[PlannedAction], facts: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
    facts.or_else(|| (!actions.iter().any(PlannedAction::is_late)).then(Map::new))
}

impl Plan {
    /// The plan of a stored text; refused unless it is the very text with its digest.
    pub fn signed(stored: &Sealed<String>) -> Result<Self, BrokenPlan> {
        signed(stored)
    }

    /// How the signature at this gate is asked for; `None` where this plan asks for none.
    #[must_use]
    pub fn demand_at(&self, gate: &Gated) -> Option<ApprovalDemand> {
        match gate {
            Gated::Nowhere => None,
            Gated::AtStart => Some(self.approval.clone()).filter(|demand| demand.required),
            Gated::AtStep(step) => {
                let gate = self.actions.iter().find(|action| action.step == *step)?.gate.as_ref()?;
                let detail = format!("the steps from {step} on must be signed");
                let reasons = vec![ApprovalReason { rule: "gate".to_owned(), detail, past: false }];
                Some(ApprovalDemand { required: true, quorum: gate.quorum, expires_in_s: gate.expires_in_s, reasons })
            }
        }
    }

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
    /// The gate plan of a stored text; refused unless it is the very text with its digest, and goes on from this first plan.
    pub fn signed(stored: &Sealed<String>, first: &Digest) -> Result<Self, BrokenPlan> {
        let plan: Self = signed(stored)?;
        if plan.plan_digest == *first { Ok(plan) } else { Err(BrokenPlan::OtherRun(stored.digest())) }
    }

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PlannedAction, targets};

    fn planned(action: &str, parameters: Value, more: Value) -> PlannedAction {
        let mut step = json!({
            "step": "one", "action": action, "connector": "simulated", "connector_revision": 1, "destructive": true, "undo": null,
            "when": null, "parameters": parameters, "late": [], "skipped": false, "gate": null,
        });
        for (name, value) in more.as_object().unwrap() {
            step[name] = value.clone();
        }
        serde_json::from_value(step).unwrap()
    }

    #[test]
    fn each_target_is_named_once_with_what_is_done_to_it() {
        let steps = [
            planned("enrich", json!({ "observables": ["ip"] }), json!({})),
            planned("disable_user", json!({ "user": "admin" }), json!({})),
            planned("block_ip", json!({ "ip": "91.23.11.9", "duration": "24h" }), json!({})),
            planned("revoke_sessions", json!({ "user": "admin" }), json!({})),
            planned("block_ip", json!({ "ip": "203.0.113.7" }), json!({ "skipped": true })),
            planned("isolate_host", json!({ "host": "${{ steps.a.output.host }}" }), json!({ "late": ["host"] })),
        ];
        let found: Vec<Value> =
            targets(&steps).into_iter().map(|target| json!([target.parameter, target.value, target.actions])).collect();
        assert_eq!(
            found,
            [json!(["user", "admin", ["Disable account", "Revoke sessions"]]), json!(["ip", "91.23.11.9", ["Block address"]])]
        );
    }
}
