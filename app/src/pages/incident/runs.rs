//! The runs of an incident, live, and what a person can do about them.

use api::ApiError;
use api::runs::ResolveRequest;
use domain::access::Permission;
use domain::id::{RunId, StepId};
use domain::run::Run;
use leptos::prelude::*;

use super::Screen;
use crate::components::empty_state::EmptyState;
use crate::components::resolve_form::ResolveForm;
use crate::components::run_card::RunCard;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::runs::{cancel_run, resolve_step};
use crate::viewer::Viewer;

const NOT_RESOLVER: &str = "Only analysts and approvers may say what happened.";

/// All runs, the newest first.
#[component]
pub fn RunsSection(screen: Screen) -> impl IntoView {
    let ids = Memo::new(move |_| {
        let mut ids: Vec<RunId> = screen.detail.with(|detail| detail.runs.iter().map(|run| run.id).collect());
        ids.sort_by(|a, b| b.cmp(a));
        ids
    });
    view! {
        <div class="stack">
            <h2>"Runs"</h2>
            <For each=move || ids.get() key=|id| *id children=move |id| view! { <OneRun screen id /> } />
            {move || ids.with(Vec::is_empty).then(|| view! { <EmptyState title="Nothing has run yet"><p class="quiet">"Look at the proposed plan in the overview, then run it."</p></EmptyState> })}
        </div>
    }
    .into_any()
}

/// One run of the incident.
#[component]
pub fn OneRun(screen: Screen, id: RunId) -> impl IntoView {
    let found = move |screen: Screen| screen.detail.with(|detail| detail.runs.iter().find(|run| run.id == id).cloned());
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    let cancelling = Action::new(move |id: &RunId| {
        let id = *id;
        async move {
            let outcome = cancel_run(id).await;
            tell(notices, &outcome, format!("{id} is cancelled"));
            live.raise_incident(screen.id);
        }
    });
    let cancel_why_not = screen.why_not(Permission::CancelRun);
    untrack(|| found(screen)).map(|first| {
        let run = Memo::new(move |_| found(screen).unwrap_or_else(|| first.clone()));
        let cancel = Callback::new(move |id| drop(cancelling.dispatch(id)));
        let resolve = Callback::new(move |(run, step)| view! { <Resolve screen run step /> }.into_any());
        view! { <RunCard run cancel_why_not cancel resolve /> }
    })
}

#[component]
fn Resolve(screen: Screen, run: RunId, step: StepId) -> impl IntoView {
    let viewer = Viewer::here();
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    let name = format!("{run}-{step}");
    let resolving = Action::new(move |request: &ResolveRequest| {
        let (request, step) = (request.clone(), step.clone());
        async move {
            let outcome = resolve_step(run, step, request).await;
            tell(notices, &outcome, "The outcome is recorded".to_owned());
            live.raise_incident(screen.id);
        }
    });
    let why_not = Signal::derive(move || (!viewer.may(Permission::ResolveStep)).then_some(NOT_RESOLVER));
    let resolve = Callback::new(move |request| drop(resolving.dispatch(request)));
    view! { <ResolveForm name why_not busy=resolving.pending() resolve /> }.into_any()
}

fn tell(notices: Notices, outcome: &Result<Run, ApiError>, good: String) {
    match outcome {
        Ok(_) => notices.good(good),
        Err(error) => notices.bad(error),
    }
}
