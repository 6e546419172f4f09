//! One run of a playbook, step by step.

use domain::id::{RunId, StepId};
use domain::plan::RunMode;
use domain::run::{Run, RunStatus};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::components::age::{Ago, FullTime};
use crate::components::digest_text::DigestStart;
use crate::components::quoted::Quoted;
use crate::components::run_step::RunStep;
use crate::components::simulated_banner::SimulatedBanner;
use crate::components::status_mark::StatusMark;
use crate::wording;

/// The run with its steps. `cancel` and `resolve` are offered where the status allows it; `why_not` says why a role may not.
#[component]
pub fn RunCard(
    run: Memo<Run>,
    #[prop(into)] cancel_why_not: Signal<Option<&'static str>>,
    cancel: Callback<RunId>,
    /// Makes the form of a step whose outcome is unknown.
    resolve: Callback<(RunId, StepId), AnyView>,
) -> impl IntoView {
    let id = run.with_untracked(|run| run.id);
    let heading = format!("heading-{id}");
    let steps = Memo::new(move |_| run.with(|run| run.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>()));
    let step = move |step: StepId| {
        let of = step.clone();
        let current = Memo::new(move |_| run.with(|run| run.steps.iter().find(|other| other.id == of).cloned()));
        view! { <RunStep step=current resolve=Callback::new(move |()| resolve.run((id, step.clone()))) /> }
    };
    view! {
        <article class="card run-card" aria-labelledby=heading>
            <RunHead run heading=heading.clone() />
            {move || view! { <SimulatedBanner steps=run.with(connectors) /> }}
            {move || run.with(|run| run.error.clone()).map(|error| view! { <p class="run-error"><Quoted text=error /></p> })}
            <ol class="run-steps"><For each=move || steps.get() key=StepId::clone children=step /></ol>
            <CancelButton run why_not=cancel_why_not cancel />
        </article>
    }
    .into_any()
}

#[component]
fn RunHead(run: Memo<Run>, heading: String) -> impl IntoView {
    let word = Signal::derive(move || run.with(|run| run.status.as_str()));
    let label = Signal::derive(move || run.with(|run| wording::run_status(run.status)));
    let requested_at = Signal::derive(move || run.with(|run| run.requested_at));
    let asker = move || run.with(|run| run.requested_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone()));
    let digest = Signal::derive(move || run.with(|run| run.plan_digest));
    let finished = move || run.with(|run| run.finished_at).map(|at: Timestamp| view! { ", finished "<FullTime at /> });
    let approval =
        move || run.with(|run| run.approval_id).map(|id| view! { " · "<a href=format!("/approvals/{id}")>{id.to_string()}</a> });
    view! {
        <header class="row between">
            <h2 id=heading>
                {move || run.with(|run| run.playbook_id.to_string())}" "
                <a class="mono" href=move || run.with(|run| format!("/runs/{}", run.id))>{move || run.with(|run| run.id.to_string())}</a>
            </h2>
            <span class="row">
                {move || run.with(|run| run.mode == RunMode::DryRun).then(|| view! { <span class="plan-badge simulated">"dry run"</span> })}
                <StatusMark word label />
            </span>
        </header>
        <p class="quiet">"Asked for by "{move || view! { <Quoted text=asker() /> }}" "<Ago at=requested_at />{finished}{approval}" · plan "<DigestStart digest /></p>
    }
    .into_any()
}

#[component]
fn CancelButton(run: Memo<Run>, why_not: Signal<Option<&'static str>>, cancel: Callback<RunId>) -> impl IntoView {
    let active = Memo::new(move |_| run.with(|run| run.status.is_active()));
    let label = move || run.with(|run| if run.status == RunStatus::AwaitingApproval { "Withdraw run" } else { "Cancel run" });
    let id = run.with_untracked(|run| run.id);
    let button = move || {
        active.get().then(|| {
            view! {
                <p class="row">
                    <button type="button" class="button bad" disabled=move || why_not.get().is_some() on:click=move |_| cancel.run(id)>{label}</button>
                    {move || why_not.get().map(|why| view! { <small>{why}</small> })}
                </p>
            }
        })
    };
    view! { {button} }.into_any()
}

/// The steps with their connectors, for the banner.
fn connectors(run: &Run) -> Vec<(String, String)> {
    run.steps.iter().map(|step| (step.action.manifest().title.to_owned(), step.connector.clone())).collect()
}
