//! Whether a plan must be signed before it runs, and why: the playbook's own rules, and the one rule that no playbook can switch
//! off. Who may sign is the domain's business.

use domain::incident::Incident;
use domain::plan::{ApprovalDemand, ApprovalReason, PlannedAction, RunMode};
use domain::severity::Severity;

use super::{Resolver, Starter};
use crate::load::Playbook;
use crate::schema::ApprovalRules;

/// The name of the rule that holds whatever a playbook says.
const GOVERNANCE: &str = "governance";

/// The demand of a plan with these actions. A dry run touches nothing and is never signed.
pub(super) fn of(playbook: &Playbook, incident: &Incident, actions: &[PlannedAction], resolver: &Resolver<'_>) -> ApprovalDemand {
    let document = playbook.document();
    let reasons = match resolver.terms.mode {
        RunMode::DryRun => Vec::new(),
        RunMode::Live => {
            let rules = rules_that_hold(&document.requires_approval_if, incident, actions);
            rules
                .into_iter()
                .chain(condition(playbook, resolver))
                .chain(governance(incident, actions, resolver.terms.starter))
                .collect()
        }
    };
    ApprovalDemand {
        required: !reasons.is_empty(),
        quorum: document.approval.quorum.0,
        expires_in_s: document.approval.expires_in.seconds,
        reasons,
    }
}

fn rules_that_hold(rules: &ApprovalRules, incident: &Incident, actions: &[PlannedAction]) -> Vec<ApprovalReason> {
    let mut reasons = Vec::new();
    if let Some(least) = rules.severity_at_least.filter(|least| incident.severity.is_at_least(*least)) {
        reasons.push(reason("severity_at_least", format!("the incident is {}, at least {least}", incident.severity)));
    }
    if rules.privileged_account.is_some() && incident.privileged_account {
        reasons.push(reason("privileged_account", "a privileged account is involved".to_owned()));
    }
    if rules.verdict_in.as_ref().is_some_and(|verdicts| verdicts.contains(&incident.verdict)) {
        reasons.push(reason("verdict_in", format!("the verdict is {}", incident.verdict)));
    }
    let destructive = steps_of(actions, |action| action.destructive);
    if rules.destructive.is_some() && !destructive.is_empty() {
        reasons.push(reason("destructive", format!("destructive steps: {destructive}")));
    }
    reasons
}

/// A condition that cannot be evaluated asks for an approval: nobody can say that it does not hold.
fn condition(playbook: &Playbook, resolver: &Resolver<'_>) -> Option<ApprovalReason> {
    let condition = playbook.approval_condition()?;
    match condition.is_true(resolver.scope) {
        Ok(false) => None,
        Ok(true) => Some(reason("condition", format!("the condition holds: {}", condition.source()))),
        Err(error) => {
            let detail =
                format!("the condition cannot be evaluated ({error}), so an approval is required: {}", condition.source());
            Some(reason("condition", detail))
        }
    }
}

/// An action that takes something away, or that customers notice, never runs unsigned on an incident of the highest severity, nor in
/// a run that started by itself.
fn governance(incident: &Incident, actions: &[PlannedAction], starter: Starter) -> Option<ApprovalReason> {
    let risky = steps_of(actions, |action| action.destructive || action.customer_impact);
    let why = match (incident.severity, starter) {
        _ if risky.is_empty() => return None,
        (Severity::S1, _) => "the incident is S1",
        (_, Starter::Itself) => "the run starts by itself",
        (_, Starter::Person) => return None,
    };
    Some(reason(GOVERNANCE, format!("{why}, and these steps are destructive or noticed by customers: {risky}")))
}

/// The steps that may run and are of this sort.
fn steps_of(actions: &[PlannedAction], sort: impl Fn(&PlannedAction) -> bool) -> String {
    let steps = actions.iter().filter(|action| !action.skipped && sort(action));
    steps.map(|action| action.step.as_str()).collect::<Vec<_>>().join(", ")
}

fn reason(rule: &str, detail: String) -> ApprovalReason {
    ApprovalReason { rule: rule.to_owned(), detail }
}
