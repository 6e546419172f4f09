//! What a person can do with an incident: move it by hand, run its playbook. Notes and runs have their own files.

use api::ApiError;
use api::incidents::{IncidentView, TransitionRequest};
use api::runs::{RunRequest, RunRequested};
use domain::access::Permission;
use domain::id::IncidentId;
use domain::incident::reason_required;
use domain::plan::RunMode;
use domain::verdict::Verdict;
use leptos::prelude::*;

use super::{Screen, has_active_run, may_run};
use crate::components::transition_dialog::{Answered, Move};
use crate::live::Live;
use crate::notices::Notices;
use crate::pages::run_dialog::RunAsked;
use crate::server_fns::incidents::transition_incident;
use crate::server_fns::runs::request_run;
use crate::wording;

type Moving = Action<Moved, Result<IncidentView, ApiError>>;
/// A move, its reason, and the verdict that it closes with.
type Moved = (Move, Option<String>, Option<Verdict>);
type Running = Action<RunRequest, Result<RunRequested, ApiError>>;

/// The actions of the page, and the move that waits for its reason.
#[derive(Clone, Copy)]
pub struct Actions {
    pub asked: RwSignal<Option<Move>>,
    /// A playbook is being chosen.
    pub choosing: RwSignal<Option<RunAsked>>,
    moving: Moving,
    running: Running,
}

impl Actions {
    /// Actions on this incident.
    pub fn new(id: IncidentId) -> Self {
        let notices = expect_context::<Notices>();
        let live = expect_context::<Live>();
        let asked = RwSignal::new(None);
        let moving = Action::new(move |(to, reason, verdict): &Moved| {
            let request = TransitionRequest { to: to.to, reason: reason.clone(), verdict: *verdict };
            async move {
                let outcome = transition_incident(id, request).await;
                match &outcome {
                    Ok(incident) => {
                        asked.set(None);
                        live.raise_incident(id);
                        notices.good(format!("{id} is {}", wording::state(incident.state)));
                    }
                    Err(error) if asked.get_untracked().is_none() => notices.bad(error),
                    Err(_) => {}
                }
                outcome
            }
        });
        let running = Action::new(move |request: &RunRequest| {
            let request = request.clone();
            async move {
                let outcome = request_run(id, request).await;
                match &outcome {
                    Ok(requested) => {
                        live.raise_incident(id);
                        notices.good(said(requested));
                    }
                    Err(error) => {
                        live.raise_incident(id);
                        notices.bad(error);
                    }
                }
                outcome
            }
        });
        Self { asked, choosing: RwSignal::new(None), moving, running }
    }

    /// Begins a move: at once, or with the question for its reason.
    pub fn ask(self) -> Callback<Move> {
        Callback::new(move |to: Move| {
            self.moving.clear();
            if reason_required(to.from, to.to) {
                self.asked.set(Some(to));
            } else {
                self.moving.dispatch((to, None, None));
            }
        })
    }

    /// Carries out the move with its reason.
    pub fn confirm(self) -> Callback<Answered> {
        Callback::new(move |(to, reason, verdict)| drop(self.moving.dispatch((to, Some(reason), verdict))))
    }

    /// Is a move on its way?
    pub fn moving(self) -> Signal<bool> {
        self.moving.pending().into()
    }

    /// Why the last move was refused.
    pub fn move_error(self) -> Signal<Option<ApiError>> {
        Signal::derive(move || self.moving.value().get().and_then(Result::err))
    }
}

fn said(requested: &RunRequested) -> String {
    match &requested.approval {
        Some(approval) => format!("{} waits for approval {}", requested.run.id, approval.id),
        None => format!("{} starts", requested.run.id),
    }
}

/// The primary button of the page, and the dry run beside it.
#[component]
pub fn RunButtons(screen: Screen) -> impl IntoView {
    let Screen { id, detail, plan, actions, .. } = screen;
    let role = screen.why_not(Permission::RequestRun);
    let running = actions.running.pending();
    let known = Memo::new(move |_| plan.get()?.ok().map(|plan| (plan.plan.playbook.id, plan.digest)));
    let why_not = Memo::new(move |_| {
        role.get()
            .or_else(|| detail.with(has_active_run).then_some("A run is active."))
            .or_else(|| known.get().is_none().then_some("No plan can be made."))
    });
    let run = move |mode: RunMode| {
        if let Some((playbook_id, digest)) = known.get_untracked() {
            // The plan on the screen is the live one; a dry run has a plan, and so a digest, of its own.
            let plan_digest = (mode == RunMode::Live).then_some(digest);
            actions.running.dispatch(RunRequest { playbook_id: Some(playbook_id), plan_digest, mode: Some(mode) });
        }
    };
    let choose = move |_| {
        let incident_type = detail.with_untracked(|detail| detail.incident.incident_type.clone());
        actions.choosing.set(Some(RunAsked { id, incident_type }));
    };
    let disabled = move || why_not.get().is_some() || running.get();
    let active =
        move || detail.with(|detail| detail.runs.iter().find(|run| run.status.is_active()).map(|run| run.playbook_id.clone()));
    let playbook = move || known.get().map(|(playbook, _)| playbook).or_else(active);
    let label = move || playbook().map_or_else(|| "Run playbook".to_owned(), |playbook| format!("Run {playbook}"));
    let offered = Memo::new(move |_| detail.with(may_run) || detail.with(has_active_run));
    move || {
        offered.get().then(|| {
            view! {
                <button type="button" class="button" disabled=disabled title=move || why_not.get() on:click=move |_| run(RunMode::DryRun)>"Dry run"</button>
                <button type="button" class="button" disabled=move || role.get().is_some() title=move || role.get() on:click=choose>"Other playbook"</button>
                <button type="button" class="button primary" disabled=disabled title=move || why_not.get() on:click=move |_| run(RunMode::Live)>{label}</button>
            }
        })
    }
}
