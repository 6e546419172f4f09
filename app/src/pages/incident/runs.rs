//! The runs of an incident, live, and what a person can do about them.

use api::ApiError;
use domain::access::Permission;
use domain::id::RunId;
use domain::run::Run;
use leptos::prelude::*;

use super::Screen;
use crate::components::empty_state::EmptyState;
use crate::components::run_card::RunCard;
use crate::live::Live;
use crate::notices::Notices;
use crate::pages::run::acting::Resolve;
use crate::server_fns::runs::cancel_run;

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
        let resolve = Callback::new(move |(run, step)| view! { <Resolve incident_id=screen.id run step /> }.into_any());
        view! { <RunCard run cancel_why_not cancel resolve /> }
    })
}

fn tell(notices: Notices, outcome: &Result<Run, ApiError>, good: String) {
    match outcome {
        Ok(_) => notices.good(good),
        Err(error) => notices.bad(error),
    }
}
