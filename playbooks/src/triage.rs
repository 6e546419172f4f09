//! What playbooks do by themselves when an incident comes up or changes: which one starts, which one closes it, which ones escalate
//! it. Whether it was done before is the worker's business: it keeps a mark.

use domain::id::PlaybookId;
use domain::incident::{Incident, State};
use domain::severity::Severity;
use domain::timestamp::Timestamp;
use domain::verdict::Verdict;

use crate::expression::Expression;
use crate::library::Library;
use crate::load::Playbook;
use crate::scope::{Facts, Scope};
use crate::select;

/// What is to be done about an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    /// Close it, by this playbook's rule.
    pub close: Option<Closing>,
    /// Escalate it, by the rules of these playbooks.
    pub escalate: Vec<Escalation>,
    /// The playbook that starts by itself.
    pub start: Option<PlaybookId>,
}

/// A rule that closes an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub playbook_id: PlaybookId,
    pub reason: String,
}

/// A rule that escalates an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    pub playbook_id: PlaybookId,
    pub tag: String,
    /// A user name.
    pub assignee: Option<String>,
}

/// Decides for one incident. An expression that cannot be evaluated starts, closes and escalates nothing.
#[must_use]
pub fn triage(library: &Library, facts: &Facts, now: Timestamp) -> Triage {
    if !facts.incident.state.is_open() {
        return Triage::default();
    }
    let scope = Scope::before_run(facts, now);
    let fitting = select::fitting(library.list().map(|(_, playbook)| playbook), facts, now);
    let close = fitting.iter().find_map(|playbook| closing(playbook, &facts.incident, &scope));
    let escalate = fitting.iter().filter_map(|playbook| escalation(playbook, &facts.incident, &scope)).collect();
    let starts = fitting.iter().find(|playbook| starts_by_itself(playbook, &scope));
    let start = starts.filter(|_| close.is_none()).map(|playbook| playbook.id().clone());
    Triage { close, escalate, start }
}

/// Could any playbook do something about this incident? Looks only at what the incident itself tells, so that it costs next to
/// nothing for the many that no rule is about.
#[must_use]
pub fn may_concern(library: &Library, incident: &Incident) -> bool {
    let verdict_is = |verdicts: Option<&[Verdict]>| verdicts.is_none_or(|verdicts| verdicts.contains(&incident.verdict));
    let concerns = |playbook: &Playbook| {
        let document = playbook.document();
        let closes = document.close_if.as_ref().is_some_and(|rule| verdict_is(rule.verdict_in.as_deref()));
        let escalates = document.escalate_if.as_ref().is_some_and(|rule| {
            verdict_is(rule.verdict_in.as_deref())
                && rule.severity_at_least.is_none_or(|least| incident.severity.is_at_least(least))
        });
        document.incident_type.0.contains(&incident.incident_type) && (document.auto_run.is_some() || closes || escalates)
    };
    incident.state.is_open() && library.list().any(|(_, playbook)| concerns(playbook))
}

/// Does its `auto_run` hold?
pub(crate) fn starts_by_itself(playbook: &Playbook, scope: &Scope) -> bool {
    playbook.compiled().auto_run.as_ref().is_some_and(|auto_run| auto_run.is_true(scope) == Ok(true))
}

/// Only an incident that nobody has taken up yet is closed without a person.
pub(crate) fn closing(playbook: &Playbook, incident: &Incident, scope: &Scope) -> Option<Closing> {
    let rule = playbook.document().close_if.as_ref()?;
    let conditions = Conditions {
        severity_at_least: None,
        verdict_in: rule.verdict_in.as_deref(),
        condition: playbook.compiled().close_condition.as_ref(),
    };
    let holds = incident.state == State::Classified && conditions.hold(incident, scope);
    holds.then(|| Closing { playbook_id: playbook.id().clone(), reason: rule.reason.clone() })
}

pub(crate) fn escalation(playbook: &Playbook, incident: &Incident, scope: &Scope) -> Option<Escalation> {
    let rule = playbook.document().escalate_if.as_ref()?;
    let conditions = Conditions {
        severity_at_least: rule.severity_at_least,
        verdict_in: rule.verdict_in.as_deref(),
        condition: playbook.compiled().escalation_condition.as_ref(),
    };
    conditions.hold(incident, scope).then(|| Escalation {
        playbook_id: playbook.id().clone(),
        tag: rule.tag.clone(),
        assignee: rule.assignee.clone(),
    })
}

/// What must hold together.
struct Conditions<'a> {
    severity_at_least: Option<Severity>,
    verdict_in: Option<&'a [Verdict]>,
    condition: Option<&'a Expression>,
}

impl Conditions<'_> {
    fn hold(&self, incident: &Incident, scope: &Scope) -> bool {
        self.severity_at_least.is_none_or(|least| incident.severity.is_at_least(least))
            && self.verdict_in.is_none_or(|verdicts| verdicts.contains(&incident.verdict))
            && self.condition.is_none_or(|condition| condition.is_true(scope) == Ok(true))
    }
}
