//! The plan that would run: of which playbook, whether somebody must sign it and why, and its steps.

use api::{ApiError, ProblemCode};
use domain::plan::{ApprovalDemand, DigestedPlan};
use leptos::prelude::*;

use crate::components::digest_text::DigestText;
use crate::components::empty_state::EmptyState;
use crate::components::error_notice::ErrorNotice;
use crate::components::plan_facts::PlanFacts;
use crate::components::plan_steps::PlanSteps;
use crate::components::quoted::Quoted;
use crate::components::reason_list::ReasonList;
use crate::plan_rows;

/// The preview of a plan, or why there is none.
#[component]
pub fn ProposedPlaybook(plan: Result<DigestedPlan, ApiError>) -> impl IntoView {
    let body = match plan {
        Ok(plan) => view! { <Preview plan /> }.into_any(),
        Err(error) if error.code == ProblemCode::NoPlaybook => view! {
            <EmptyState title="No playbook fits this incident">
                <p class="quiet">"Work on it by hand, or add a playbook for this type to the playbooks folder."</p>
            </EmptyState>
        }
        .into_any(),
        Err(error) => view! { <ErrorNotice error /> }.into_any(),
    };
    view! { <section class="card proposed-playbook" aria-labelledby="proposed"><h2 id="proposed">"Proposed playbook"</h2>{body}</section> }.into_any()
}

#[component]
fn Preview(plan: DigestedPlan) -> impl IntoView {
    let json = serde_json::to_value(&plan.plan).unwrap_or_default();
    let rows = plan_rows::rows(&json);
    view! {
        <p><b><Quoted text=plan.plan.playbook.name.clone() /></b>" "<code>{plan.plan.playbook.id.to_string()}</code></p>
        {demand(&plan.plan.approval)}
        <PlanSteps rows />
        <PlanFacts plan=json.clone() />
        <p class="proposed-digest"><span class="faint">"Plan digest "</span><DigestText digest=Signal::stored(plan.digest) /></p>
    }
    .into_any()
}

fn demand(demand: &ApprovalDemand) -> impl IntoView + use<> {
    if !demand.required {
        return view! { <p class="quiet">"Runs directly: no rule asks for an approval."</p> }.into_any();
    }
    let people = if demand.quorum == 1 {
        "1 person who did not contribute".to_owned()
    } else {
        format!("{} people who did not contribute", demand.quorum)
    };
    view! {
        <p>"Would "<b>"ask for approval"</b>" by "{people}", because:"</p>
        <ReasonList reasons=demand.reasons.clone() />
    }
    .into_any()
}
