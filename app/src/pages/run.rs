//! One run, live: its flow, what each step was given and answered, and what a person may do about it.

pub mod acting;

use api::{ApiError, ProblemCode};
use domain::id::{RunId, StepId};
use domain::plan::RunMode;
use domain::run::{Run, RunStatus};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use crate::components::age::{Ago, FullTime};
use crate::components::digest_text::DigestStart;
use crate::components::error_page::ErrorPage;
use crate::components::flow_chart::{FlowChart, Standings};
use crate::components::loaded::{Loaded, Scope};
use crate::components::quoted::Quoted;
use crate::components::run_step::RunStep;
use crate::components::simulated_banner::SimulatedBanner;
use crate::components::status_mark::StatusMark;
use crate::flow::{self, Ends};
use crate::live::Live;
use crate::server_fns::runs::{get_run, get_run_plan};
use crate::titles::title_of;
use crate::{plan_rows, time_text, wording};
use acting::{CancelRun, Resolve};

/// The run that the address names.
#[component]
pub fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|text| text.parse::<RunId>().ok()));
    move || match id.get() {
        Some(id) => view! { <OneRun id /> }.into_any(),
        None => view! { <ErrorPage error=ApiError::new(ProblemCode::NotFound, "that is not the id of a run") /> }.into_any(),
    }
}

#[component]
fn OneRun(id: RunId) -> impl IntoView {
    let live = expect_context::<Live>();
    let run = Resource::new(move || (live.run.get(), live.approval.get()), move |_| get_run(id));
    let plan = Resource::new(|| (), move |()| get_run_plan(id));
    let view = move |run| view! { <LoadedRun run plan /> };
    view! { <div class="page"><Loaded resource=run what="the run" scope=Scope::Page view /></div> }.into_any()
}

#[component]
fn LoadedRun(run: Memo<Run>, plan: Resource<Result<Value, ApiError>>) -> impl IntoView {
    let standings = Memo::new(move |_| {
        run.with(|run| run.steps.iter().map(|step| (step.id.to_string(), step.status)).collect::<Standings>())
    });
    view! {
        <Title text=title_of(run, |run| format!("{} {}", run.id, run.playbook_id)) />
        <Head run />
        <Banners run />
        <div class="run-columns">
            <section class="card" aria-labelledby="flow">
                <h2 id="flow">"Flow"</h2>
                <Loaded resource=plan what="the flow" scope=Scope::Part view=move |plan| view! { <Flow plan standings /> } />
            </section>
            <Steps run />
        </div>
    }
    .into_any()
}

#[component]
fn Head(run: Memo<Run>) -> impl IntoView {
    let word = Signal::derive(move || run.with(|run| run.status.as_str()));
    let label = Signal::derive(move || run.with(|run| wording::run_status(run.status)));
    let incident = move || run.with(|run| run.incident_id.to_string());
    let playbook = move || run.with(|run| run.playbook_id.to_string());
    let approval = move || {
        let id = run.with(|run| run.approval_id)?;
        Some(view! { " · "<a href=format!("/approvals/{id}")>{id.to_string()}</a> })
    };
    view! {
        <header class="page-head">
            <div>
                <p class="mono faint">
                    {move || run.with(|run| run.id.to_string())}" · "<a href=move || format!("/incidents/{}", incident())>{incident}</a>{approval}
                </p>
                <h1>"Run of "<a href=move || format!("/playbooks/{}", playbook())>{playbook}</a></h1>
                <p class="quiet"><Times run /></p>
            </div>
            <div class="row">
                {move || run.with(|run| run.mode == RunMode::DryRun).then(|| view! { <span class="plan-badge simulated">"dry run"</span> })}
                <StatusMark word label />
                <CancelRun run />
            </div>
        </header>
    }
    .into_any()
}

/// Who asked, when it began, how long it took.
#[component]
fn Times(run: Memo<Run>) -> impl IntoView {
    let asker = move || run.with(|run| run.requested_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone()));
    let requested_at = Signal::derive(move || run.with(|run| run.requested_at));
    let digest = Signal::derive(move || run.with(|run| run.plan_digest));
    let finished = Memo::new(move |_| run.with(|run| run.finished_at));
    let took = move || run.with(|run| Some(time_text::duration(run.finished_at?.since_ms(run.started_at?))));
    view! {
        "Asked for by "<b>{move || view! { <Quoted text=asker() /> }}</b>" "<Ago at=requested_at />
        {move || finished.get().map(|at| view! { " · ended "<FullTime at /> })}
        {move || took().map(|took| format!(" after {took}"))}
        " · plan "<DigestStart digest />
    }
    .into_any()
}

#[component]
fn Banners(run: Memo<Run>) -> impl IntoView {
    let connectors = Memo::new(move |_| {
        let named = |step: &domain::run::Step| (step.action.manifest().title.to_owned(), step.connector.clone());
        run.with(|run| (run.mode == RunMode::Live).then(|| run.steps.iter().map(named).collect::<Vec<_>>()))
    });
    let status = Memo::new(move |_| run.with(|run| run.status));
    let standing = move || match status.get() {
        RunStatus::AwaitingApproval => Some("Nothing has run yet that needs a signature: the run waits for its approval."),
        RunStatus::Paused => Some("Paused: nobody knows whether a step happened. Somebody who looked must say so below."),
        _ => None,
    };
    let error = Memo::new(move |_| run.with(|run| run.error.clone()));
    view! {
        {move || connectors.get().map_or_else(
            || view! { <p class="simulated-banner"><b>"Dry run. "</b>"Every step is simulated, nobody signs, and the incident stays as it is."</p> }.into_any(),
            |steps| view! { <SimulatedBanner steps /> }.into_any(),
        )}
        {move || standing().map(|words| view! { <p class="run-standing" role="status">{words}</p> })}
        {move || error.get().map(|error| view! { <p class="run-error card"><Quoted text=error /></p> })}
    }
    .into_any()
}

#[component]
fn Flow(plan: Memo<Value>, standings: Memo<Standings>) -> impl IntoView {
    move || {
        plan.with(|plan| {
            let ends = Ends::of_plan(plan);
            let drawing = flow::draw(&ends, &plan_rows::rows(plan));
            view! { <FlowChart drawing label="The steps of this run in order; the list of steps says the same" standings /> }
        })
    }
}

#[component]
fn Steps(run: Memo<Run>) -> impl IntoView {
    let (id, incident_id) = run.with_untracked(|run| (run.id, run.incident_id));
    let steps = Memo::new(move |_| run.with(|run| run.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>()));
    let step = move |step: StepId| {
        let of = step.clone();
        let current = Memo::new(move |_| run.with(|run| run.steps.iter().find(|other| other.id == of).cloned()));
        let resolve = Callback::new(move |()| view! { <Resolve incident_id run=id step=step.clone() /> }.into_any());
        view! { <RunStep step=current resolve /> }
    };
    view! {
        <section class="card" aria-labelledby="steps">
            <h2 id="steps">"Steps"</h2>
            <ol class="run-steps"><For each=move || steps.get() key=StepId::clone children=step /></ol>
        </section>
    }
    .into_any()
}
