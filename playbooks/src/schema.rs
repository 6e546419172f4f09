//! The shape of a playbook as it is written: fields, types and defaults. What a document means, and which of its values fit
//! together, is checked in `check`.

use std::collections::BTreeMap;
use std::fmt;

use domain::action::Action;
use domain::approval::{APPROVAL_EXPIRES_S_DEFAULT, APPROVAL_EXPIRES_S_MAX, QUORUM_MAX};
use domain::id::{IncidentType, PlaybookId, StepId};
use domain::incident::State;
use domain::plan::{BACKOFF_S_DEFAULT, OnError, TIMEOUT_S_DEFAULT};
use domain::severity::Severity;
use domain::verdict::Verdict;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use crate::duration::Duration;

/// A playbook as it is written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub id: PlaybookId,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub incident_type: IncidentTypes,
    /// Of several that fit, the highest is proposed.
    #[serde(default)]
    pub priority: i32,
    /// Is the playbook applicable? A CEL expression; absent means yes.
    pub when: Option<String>,
    /// Does it start by itself when an incident comes up or changes? A CEL expression; absent means never.
    pub auto_run: Option<String>,
    #[serde(default)]
    pub requires_approval_if: ApprovalRules,
    #[serde(default)]
    pub approval: ApprovalTerms,
    pub actions: Vec<ActionStep>,
    pub on_success: Option<OnSuccess>,
    pub close_if: Option<CloseRule>,
    pub escalate_if: Option<EscalationRule>,
    #[serde(default)]
    pub tests: Vec<PlaybookTest>,
}

/// One type, or a list of types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentTypes(pub Vec<IncidentType>);

/// Rules of which any that holds asks for an approval. A rule cannot be set to `false`: leave it out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalRules {
    pub severity_at_least: Option<Severity>,
    pub privileged_account: Option<Holds>,
    pub verdict_in: Option<Vec<Verdict>>,
    /// Any action of the plan is destructive.
    pub destructive: Option<Holds>,
    /// A CEL expression.
    pub condition: Option<String>,
}

/// A rule that is written down: `true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds;

/// How an approval is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalTerms {
    pub quorum: Quorum,
    pub expires_in: ExpiresIn,
}

/// How many people must approve, 1 to [`QUORUM_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum(pub u8);

/// How long people have to decide, at most 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiresIn {
    pub seconds: u32,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionStep {
    pub id: StepId,
    pub action: Action,
    /// Should the step run? A CEL expression, evaluated right before it; absent means yes.
    pub when: Option<String>,
    /// The action's parameters; texts may hold `${{ }}`.
    #[serde(default)]
    pub with: BTreeMap<String, Json>,
    /// A signature asked for before this step, in the middle of the run.
    pub approval: Option<ApprovalTerms>,
    #[serde(default)]
    pub retry: Retry,
    #[serde(default)]
    pub timeout: Timeout,
    #[serde(default = "stop")]
    pub on_error: OnError,
    /// Treat it as destructive, whatever its action declares.
    pub destructive: Option<Holds>,
    /// Treat it as noticed by customers, whatever its action declares.
    pub customer_impact: Option<Holds>,
}

/// How often a step is tried, and how long to wait after the first attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    pub attempts: u8,
    #[serde(default = "backoff")]
    pub backoff: Duration,
}

/// How long one attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Timeout(pub Duration);

/// Closes a new incident by itself if everything that is given holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseRule {
    pub verdict_in: Option<Vec<Verdict>>,
    /// A CEL expression.
    pub condition: Option<String>,
    pub reason: String,
}

/// Escalates an incident, once, if everything that is given holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationRule {
    pub severity_at_least: Option<Severity>,
    pub verdict_in: Option<Vec<Verdict>>,
    /// A CEL expression.
    pub condition: Option<String>,
    pub tag: String,
    /// A user name.
    pub assignee: Option<String>,
}

/// What follows a run in which every step went well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnSuccess {
    pub transition: ReachedState,
}

/// Where a run may take an incident: to `contained`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachedState(pub State);

/// A test that comes with the playbook: an alert, and what must follow from it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaybookTest {
    pub name: String,
    /// An alert in the native format.
    pub alert: Json,
    #[serde(default)]
    pub given: Given,
    pub expect: Expectation,
}

/// What happens in a test's run, other than that everything goes well.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    pub verdict: Option<Verdict>,
    /// The output of steps.
    pub outputs: BTreeMap<StepId, Json>,
    /// The steps that fail at every attempt.
    pub fails: Vec<StepId>,
}

/// What must follow; what is left out is not compared.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expectation {
    pub severity: Option<Severity>,
    pub approval: Option<ApprovalExpectation>,
    /// The steps that run, in order, once everything is approved.
    pub steps: Option<Vec<StepId>>,
    /// Where the incident is in the end.
    pub state: Option<State>,
    /// The steps that are taken back, in that order.
    pub undone: Option<Vec<StepId>>,
    /// How the run ends.
    pub run: Option<EndExpectation>,
    pub starts_by_itself: Option<Answer>,
    pub closes: Option<Answer>,
    pub escalates: Option<Answer>,
}

/// How a run must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndExpectation {
    Succeeded,
    Failed,
}

/// Yes or no, as words: YAML reads a bare `yes` as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes,
    No,
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Must somebody sign the plan?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalExpectation {
    Required,
    NotRequired,
}

const fn stop() -> OnError {
    OnError::Stop
}

fn backoff() -> Duration {
    Duration::of_seconds(BACKOFF_S_DEFAULT)
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 1, backoff: backoff() }
    }
}

impl Default for Timeout {
    fn default() -> Self {
        Self(Duration::of_seconds(TIMEOUT_S_DEFAULT))
    }
}

impl Default for ApprovalTerms {
    fn default() -> Self {
        Self { quorum: Quorum(1), expires_in: ExpiresIn { seconds: APPROVAL_EXPIRES_S_DEFAULT } }
    }
}

impl Default for Quorum {
    fn default() -> Self {
        ApprovalTerms::default().quorum
    }
}

impl Default for ExpiresIn {
    fn default() -> Self {
        ApprovalTerms::default().expires_in
    }
}

impl<'de> Deserialize<'de> for IncidentTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrList)
    }
}

struct OneOrList;

impl<'de> Visitor<'de> for OneOrList {
    type Value = IncidentTypes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type such as brute_force, or a list of types")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        text.parse().map(|one| IncidentTypes(vec![one])).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut types = Vec::new();
        while let Some(item) = items.next_element()? {
            types.push(item);
        }
        if types.is_empty() { Err(de::Error::invalid_length(0, &self)) } else { Ok(IncidentTypes(types)) }
    }
}

impl<'de> Deserialize<'de> for Holds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(de::Error::custom("a rule can only be true; leave it out if it shall not ask for an approval")),
        }
    }
}

impl<'de> Deserialize<'de> for Quorum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let quorum = u8::deserialize(deserializer)?;
        let message = || de::Error::custom(format_args!("must be 1 to {QUORUM_MAX}"));
        if (1..=QUORUM_MAX).contains(&quorum) { Ok(Self(quorum)) } else { Err(message()) }
    }
}

impl<'de> Deserialize<'de> for ExpiresIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = Duration::deserialize(deserializer)?.seconds();
        if seconds <= APPROVAL_EXPIRES_S_MAX { Ok(Self { seconds }) } else { Err(de::Error::custom("must be at most 24h")) }
    }
}

impl<'de> Deserialize<'de> for ReachedState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match State::deserialize(deserializer)? {
            State::Contained => Ok(Self(State::Contained)),
            _ => Err(de::Error::custom("must be contained: a run takes its incident nowhere else")),
        }
    }
}
