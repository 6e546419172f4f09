//! The first section: why this incident is here, what is known, and what could be done about it. A plan that cannot be
//! made is an answer too: it is shown as one.

use domain::access::Permission;
use leptos::prelude::*;

use super::Screen;
use super::editing::Edit;
use super::runs::OneRun;
use crate::components::alert_list::AlertList;
use crate::components::entity_list::EntityList;
use crate::components::fact_list::FactList;
use crate::components::proposed_playbook::ProposedPlaybook;
use crate::components::score_explanation::ScoreExplanation;
use crate::components::waiting_approval::WaitingApproval;
use crate::viewer::Viewer;

/// Score, plan and alerts; facts and entities beside them.
#[component]
pub fn OverviewSection(screen: Screen) -> impl IntoView {
    let detail = screen.detail;
    let incident = Signal::derive(move || detail.with(|detail| detail.incident.clone()));
    let observables = Signal::derive(move || detail.with(|detail| detail.observables.clone()));
    let containments = Signal::derive(move || detail.with(|detail| detail.containments.clone()));
    let alerts = Signal::derive(move || detail.with(|detail| detail.alerts.clone()));
    let approvals = Signal::derive(move || detail.with(|detail| detail.approvals.clone()));
    let latest = Memo::new(move |_| detail.with(|detail| detail.runs.iter().map(|run| run.id).max()));
    let viewer = Viewer::here();
    let may_edit = Signal::derive(move || viewer.may(Permission::EditIncident));
    let set_verdict = Callback::new(move |()| screen.editing.ask(screen, Edit::Verdict));
    let plan = move || screen.plan.get().map(|plan| view! { <ProposedPlaybook plan /> });
    view! {
        <div class="columns">
            <div class="stack">
                <WaitingApproval approvals />
                {move || latest.get().map(|id| view! { <OneRun screen id /> })}
                <ScoreExplanation incident />
                {plan}
                <AlertList alerts />
            </div>
            <aside class="stack" aria-label="Facts and entities">
                <FactList detail may_edit set_verdict />
                <EntityList observables containments />
            </aside>
        </div>
    }
    .into_any()
}
