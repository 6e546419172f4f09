//! The first section: why this incident is here, what is known, and what could be done about it.

use domain::run::Run;
use leptos::prelude::*;

use super::runs::OneRun;
use super::{Screen, may_run};
use crate::components::alert_list::AlertList;
use crate::components::entity_list::EntityList;
use crate::components::fact_list::FactList;
use crate::components::proposed_playbook::ProposedPlaybook;
use crate::components::score_explanation::ScoreExplanation;

/// Score, plan and alerts; facts and entities beside them.
#[component]
pub fn OverviewSection(screen: Screen) -> impl IntoView {
    let detail = screen.detail;
    let incident = Signal::derive(move || detail.with(|detail| detail.incident.clone()));
    let observables = Signal::derive(move || detail.with(|detail| detail.observables.clone()));
    let alerts = Signal::derive(move || detail.with(|detail| detail.alerts.clone()));
    let active =
        Memo::new(move |_| detail.with(|detail| detail.runs.iter().find(|run: &&Run| run.status.is_active()).map(|run| run.id)));
    let offered = Memo::new(move |_| detail.with(may_run));
    view! {
        <div class="columns">
            <div class="stack">
                {move || active.get().map(|id| view! { <OneRun screen id /> })}
                <ScoreExplanation incident />
                {move || offered.get().then(|| view! { <Proposal screen /> })}
                <AlertList alerts />
            </div>
            <aside class="stack" aria-label="Facts and entities">
                <FactList detail />
                <EntityList observables />
            </aside>
        </div>
    }
}

/// A plan that cannot be made is an answer too: it is shown as one.
#[component]
fn Proposal(screen: Screen) -> impl IntoView {
    let plan = screen.plan;
    view! {
        <Transition>
            {move || plan.get().map(|plan| view! { <ProposedPlaybook plan /> })}
        </Transition>
    }
}
