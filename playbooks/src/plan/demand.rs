//! Whether a plan must be signed before it runs, and why: the playbook's own rules, and those that no playbook can switch off. They are judged
//! by the severest facts that the incident has had: a person cannot change what asks. Who may sign is the domain's business.

use std::collections::BTreeSet;

use domain::alert::NormalisedAlert;
use domain::incident::Incident;
use domain::plan::{ApprovalDemand, ApprovalReason, PlannedAction, RunMode};
use domain::severity::Severity;
use domain::timestamp::Timestamp;

use super::{Resolver, Starter};
use crate::check::CompiledStep;
use crate::expression::Expression;
use crate::load::Playbook;
use crate::schema::ApprovalRules;
use crate::scope::{ByHand, Facts, Past, Scope};
use crate::template::Template;

/// The name of the rules that hold whatever a playbook says.
const GOVERNANCE: &str = "governance";
/// The name of a playbook's own expression.
const CONDITION: &str = "condition";

/// What is to be judged: a playbook's plan for an incident.
pub(super) struct Case<'a> {
    pub playbook: &'a Playbook,
    pub facts: &'a Facts,
    pub actions: &'a [PlannedAction],
    pub at: Timestamp,
}

/// The demand of a plan with these actions. A dry run touches nothing and is never signed.
pub(super) fn of(case: &Case<'_>, resolver: &Resolver<'_>) -> ApprovalDemand {
    let approval = &case.playbook.document().approval;
    let reasons = match resolver.terms.mode {
        RunMode::DryRun => Vec::new(),
        RunMode::Live => case.reasons(resolver),
    };
    ApprovalDemand {
        required: !reasons.is_empty(),
        quorum: approval.quorum.0,
        expires_in_s: approval.expires_in.seconds,
        reasons,
    }
}

impl Case<'_> {
    fn reasons(&self, resolver: &Resolver<'_>) -> Vec<ApprovalReason> {
        let mut reasons = self.rules_that_hold(&self.facts.incident);
        reasons.extend(self.condition(resolver.scope));
        reasons.extend(self.governance(self.facts.incident.severity, resolver.terms.starter));
        reasons.extend(self.posted_by_hand());
        match &self.facts.past {
            Past::Known(past) => self.add_past(&mut reasons, past),
            Past::TooLong => reasons.extend(self.risky().map(|risky| {
                let detail = format!("people changed the incident too often to know all that it was, and these steps are destructive or noticed by customers: {risky}");
                reason(GOVERNANCE, detail)
            })),
        }
        reasons
    }

    /// Rules that hold no longer, because a person changed what made them hold. Of each the first occasion is told.
    fn add_past(&self, reasons: &mut Vec<ApprovalReason>, past: &[(Incident, NormalisedAlert)]) {
        for (incident, alert) in past {
            let facts = Facts { incident: incident.clone(), alert: alert.clone(), ..self.facts.clone() };
            let scope = Scope::before_run(&facts, self.at);
            let mut held = self.rules_that_hold(incident);
            held.extend(self.condition(&scope));
            held.extend(self.governance(incident.severity, Starter::Person));
            for reason in held {
                if !reasons.iter().any(|known| known.rule == reason.rule) {
                    reasons.push(ApprovalReason {
                        past: true,
                        detail: format!("{}, before people changed it", reason.detail),
                        ..reason
                    });
                }
            }
        }
    }

    fn rules_that_hold(&self, incident: &Incident) -> Vec<ApprovalReason> {
        let rules: &ApprovalRules = &self.playbook.document().requires_approval_if;
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
        if let Some(destructive) = self.steps_of(|action| action.destructive).filter(|_| rules.destructive.is_some()) {
            reasons.push(reason("destructive", format!("destructive steps: {destructive}")));
        }
        reasons
    }

    /// A condition that cannot be evaluated asks for an approval: nobody can say that it does not hold.
    fn condition(&self, scope: &Scope) -> Option<ApprovalReason> {
        let condition = self.playbook.approval_condition()?;
        match condition.is_true(scope) {
            Ok(false) => None,
            Ok(true) => Some(reason(CONDITION, format!("the condition holds: {}", condition.source()))),
            Err(error) => {
                let detail =
                    format!("the condition cannot be evaluated ({error}), so an approval is required: {}", condition.source());
                Some(reason(CONDITION, detail))
            }
        }
    }

    /// An action that takes something away, or that customers notice, never runs unsigned on an incident of the highest severity, nor
    /// in a run that started by itself.
    fn governance(&self, severity: Severity, starter: Starter) -> Option<ApprovalReason> {
        let risky = self.risky()?;
        let why = match (severity, starter) {
            (Severity::S1, _) => "the incident is S1",
            (_, Starter::Itself) => "the run starts by itself",
            (_, Starter::Person) => return None,
        };
        Some(reason(GOVERNANCE, format!("{why}, and these steps are destructive or noticed by customers: {risky}")))
    }

    /// Nor where a person could choose what it is done to: by posting the alert that it reads, or by changing the incident's words.
    fn posted_by_hand(&self) -> Option<ApprovalReason> {
        let chosen = |(action, (_, compiled)): &(&PlannedAction, (_, &CompiledStep))| {
            is_risky(action) && self.facts.by_hand.has_part_in(&paths_of(compiled))
        };
        let steps = self.actions.iter().zip(self.playbook.steps()).filter(chosen);
        let steps = steps.map(|(action, _)| action.step.as_str()).collect::<Vec<_>>().join(", ");
        let detail = format!("a person posted the alert or wrote the words that these steps take their targets from: {steps}");
        (!steps.is_empty()).then(|| reason(GOVERNANCE, detail))
    }

    fn risky(&self) -> Option<String> {
        self.steps_of(is_risky)
    }

    /// The steps that may run and are of this sort.
    fn steps_of(&self, sort: impl Fn(&PlannedAction) -> bool) -> Option<String> {
        let steps = self.actions.iter().filter(|action| !action.skipped && sort(action));
        let steps = steps.map(|action| action.step.as_str()).collect::<Vec<_>>().join(", ");
        (!steps.is_empty()).then_some(steps)
    }
}

fn is_risky(action: &PlannedAction) -> bool {
    !action.skipped && (action.destructive || action.customer_impact)
}

/// Everything that a step reads of the incident.
fn paths_of(step: &CompiledStep) -> BTreeSet<String> {
    let when = step.when.iter().flat_map(Expression::paths).map(str::to_owned);
    when.chain(step.with.values().flat_map(Template::paths)).collect()
}

impl ByHand {
    /// Could a person have chosen what stands at any of these paths?
    fn has_part_in(self, paths: &BTreeSet<String>) -> bool {
        paths.iter().any(|path| match path.split('.').collect::<Vec<_>>().as_slice() {
            ["alert" | "context", ..] => self.first_alert,
            ["observables" | "enrichment", ..] => self.any_alert,
            ["incident", "title"] => self.title || self.first_alert,
            ["incident", "tags"] => self.tags || self.first_alert,
            ["incident"] => self.title || self.tags || self.first_alert,
            _ => false,
        })
    }
}

fn reason(rule: &str, detail: String) -> ApprovalReason {
    ApprovalReason { rule: rule.to_owned(), detail, past: false }
}
