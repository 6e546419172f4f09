//! One approval in a list.

use api::approvals::ApprovalView;
use domain::approval::ApprovalStatus;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::countdown::Countdown;
use crate::components::quoted::Quoted;
use crate::components::severity_mark::SeverityMark;
use crate::components::status_mark::StatusMark;
use crate::{defang, plan_rows, wording};

/// What is asked, for which incident, by whom, and how much time is left.
#[component]
pub fn ApprovalCard(approval: Memo<ApprovalView>) -> impl IntoView {
    let severity = Signal::derive(move || approval.with(|approval| approval.incident.severity));
    let href = move || approval.with(|approval| format!("/approvals/{}", approval.id));
    let incident_id = move || approval.with(|approval| approval.incident_id.to_string());
    let playbook = move || approval.with(|approval| playbook_name(&approval.plan));
    let asker = move || approval.with(asker);
    let requested_at = Signal::derive(move || approval.with(|approval| approval.requested_at));
    let why_not =
        move || approval.with(|approval| approval.why_not.clone().filter(|_| approval.status == ApprovalStatus::Pending));
    view! {
        <li class="approval-card card">
            <div class="row between">
                <span class="row"><SeverityMark severity /><span class="mono faint">{move || approval.with(|approval| approval.id.to_string())}</span></span>
                {move || standing(approval)}
            </div>
            <a class="approval-link" href=href>{move || view! { <Quoted text=playbook() /> }}<span class="heard-only">" for "{incident_id}</span></a>
            <p class="quiet"><span class="mono">{incident_id}</span>" "{move || view! { <Quoted text=approval.with(|approval| defang::text(&approval.incident.title)) /> }}</p>
            <p class="faint">"Asked for by "{move || view! { <Quoted text=asker() /> }}" "<Ago at=requested_at />" · "{move || approval.with(steps)}</p>
            {move || why_not().map(|why| view! { <p class="approval-why-not"><Quoted text=why /></p> })}
        </li>
    }
    .into_any()
}

/// The playbook's name as the plan has it; a gate plan has none, and of a plan that was changed nothing is known.
pub fn playbook_name(plan: &serde_json::Value) -> String {
    if plan.is_null() {
        return "A plan that was changed".to_owned();
    }
    plan.pointer("/playbook/name").map_or_else(|| "The steps that are left".to_owned(), plan_rows::plain)
}

fn asker(approval: &ApprovalView) -> String {
    approval.requested_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone())
}

fn steps(approval: &ApprovalView) -> String {
    wording::count(plan_rows::rows(&approval.plan).len() as u64, "step", "steps")
}

fn standing(approval: Memo<ApprovalView>) -> AnyView {
    let status = approval.with(|approval| approval.status);
    if status == ApprovalStatus::Pending {
        let until = Signal::derive(move || approval.with(|approval| approval.expires_at));
        view! { <Countdown until /> }.into_any()
    } else {
        view! { <StatusMark word=status.as_str() label=wording::approval_status(status) /> }.into_any()
    }
}
