//! Running a playbook on one incident: the choice among those that fit, exactly what would run, and whether it is only tried.
//! The dialog is everywhere; what is in it, and asking for the run, comes with the incident's page.

use std::sync::Arc;

use api::ApiError;
use api::playbooks::PlaybookView;
use api::runs::{RunRequest, RunRequested};
use domain::id::{IncidentId, IncidentType, PlaybookId};
use domain::plan::{DigestedPlan, RunMode};
use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::asked::asked as asked_for;
use crate::components::error_notice::ErrorNotice;
use crate::components::loading::Loading;
use crate::components::modal::Modal;
use crate::components::proposed_playbook::ProposedPlaybook;
use crate::components::quoted::line;
use crate::live::Live;
use crate::notices::Notices;
use crate::on_demand::{Drawing, Later, answer_of};
use crate::server_fns::incidents::plan_incident;
use crate::server_fns::playbooks::list_playbooks;
use crate::server_fns::runs::request_run;

/// The incident that a run is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAsked {
    pub id: IncidentId,
    pub incident_type: IncidentType,
}

/// The playbooks that fit, as (id, name), and the plan of the chosen one.
type Offer = (Vec<(PlaybookId, String)>, Result<DigestedPlan, ApiError>);

/// The dialog, open while `asked` names an incident.
#[component]
pub fn RunDialog(asked: RwSignal<Option<RunAsked>>) -> impl IntoView {
    let chosen = RwSignal::new(None::<PlaybookId>);
    Effect::new(move || {
        asked.track();
        chosen.set(None);
    });
    let close = Callback::new(move |()| asked.set(None));
    let dialog = Dialog { chosen, running: request_action(asked), close };
    let offer = asked_for(
        move || (asked.get(), chosen.get()),
        move |(asked, chosen)| async move {
            match asked {
                Some(asked) => Some(answer_of(drawn(asked, chosen, dialog)).await),
                None => None,
            }
        },
    );
    let label = Signal::derive(move || {
        asked.with(|asked| asked.as_ref().map_or_else(String::new, |asked| format!("Run a playbook on {}", asked.id)))
    });
    let body = move || match offer.get().flatten() {
        Some(Ok(drawing)) => drawing(),
        Some(Err(error)) => view! { <ErrorNotice error /> }.into_any(),
        None => view! { <Loading what="the plan" /> }.into_any(),
    };
    view! {
        <Modal open=Signal::derive(move || asked.with(Option::is_some)) close label name="run">
            <div class="run-dialog stack"><Transition>{body}</Transition></div>
        </Modal>
    }
    .into_any()
}

#[wasm_split(incident, fallible)]
fn drawn(asked: RunAsked, chosen: Option<PlaybookId>, dialog: Dialog) -> Result<Later<Drawing>, SplitLoaderError> {
    Ok(Box::pin(async move {
        let offer = find(asked, chosen).await?;
        Ok(Arc::new(move || view! { <Offered offer=offer.clone() dialog /> }.into_any()) as Drawing)
    }))
}

async fn find(asked: RunAsked, chosen: Option<PlaybookId>) -> Result<Offer, ApiError> {
    let (playbooks, plan) = futures::join!(list_playbooks(), plan_incident(asked.id, chosen));
    let fits =
        |playbook: &PlaybookView| playbook.incident_types.is_empty() || playbook.incident_types.contains(&asked.incident_type);
    let fitting = playbooks?.into_iter().filter(fits).map(|playbook| (playbook.id, playbook.name)).collect();
    Ok((fitting, plan))
}

type Running = Action<RunRequest, Result<(), ApiError>>;

/// What is in the dialog acts upon this.
#[derive(Clone, Copy)]
struct Dialog {
    chosen: RwSignal<Option<PlaybookId>>,
    running: Running,
    close: Callback<()>,
}

/// Asks for a run; answers in words.
pub async fn ask_for_run(id: IncidentId, request: RunRequest) -> Result<String, ApiError> {
    answer_of(requested(id, request)).await
}

#[wasm_split(incident, fallible)]
fn requested(id: IncidentId, request: RunRequest) -> Result<Later<String>, SplitLoaderError> {
    Ok(Box::pin(async move { request_run(id, request).await.map(|requested| said(&requested)) }))
}

/// Asks for the run; a plan that changed meanwhile keeps the dialog open and shows the new one.
fn request_action(asked: RwSignal<Option<RunAsked>>) -> Running {
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    Action::new(move |request: &RunRequest| {
        let (request, id) = (request.clone(), asked.with_untracked(|asked| asked.as_ref().map(|asked| asked.id)));
        async move {
            let Some(id) = id else { return Err(ApiError::not_found("the incident")) };
            let outcome = ask_for_run(id, request).await;
            match &outcome {
                Ok(said) => {
                    notices.good(said.clone());
                    asked.set(None);
                }
                Err(error) => notices.bad(error),
            }
            live.raise_incident(id);
            outcome.map(drop)
        }
    })
}

/// "RUN-… waits for approval APR-…", "RUN-… starts".
fn said(requested: &RunRequested) -> String {
    match &requested.approval {
        Some(approval) => format!("{} waits for approval {}", requested.run.id, approval.id),
        None => format!("{} starts", requested.run.id),
    }
}

#[component]
fn Offered(offer: Offer, dialog: Dialog) -> impl IntoView {
    let Dialog { chosen, running, close } = dialog;
    let (fitting, plan) = offer;
    let planned = plan.as_ref().ok().map(|plan| (plan.plan.playbook.id.clone(), plan.digest, plan.plan.approval.required));
    let now = planned
        .as_ref()
        .map(|(id, ..)| id.to_string())
        .or_else(|| chosen.get_untracked().map(|id| id.to_string()))
        .unwrap_or_default();
    let option = |(id, name): (PlaybookId, String)| {
        let (value, selected) = (id.to_string(), id.to_string() == now);
        view! { <option value=value selected=selected>{line(&name)}" ("{id.to_string()}")"</option> }
    };
    let choice = (fitting.len() > 1).then(|| {
        view! {
            <label for="run-playbook">"Playbook"</label>
            <select id="run-playbook" on:change=move |event| chosen.set(event_target_value(&event).parse().ok())>
                {fitting.into_iter().map(option).collect_view()}
            </select>
        }
    });
    let label = planned.as_ref().map_or("Run", |(_, _, required)| if *required { "Ask for approval" } else { "Run" });
    let known = StoredValue::new(planned);
    let run = move |mode: RunMode| {
        if let Some((id, digest, _)) = known.get_value() {
            // The plan on the screen is the live one; a dry run has a plan, and so a digest, of its own.
            let plan_digest = (mode == RunMode::Live).then_some(digest);
            running.dispatch(RunRequest { playbook_id: Some(id), plan_digest, mode: Some(mode) });
        }
    };
    let disabled = move || running.pending().get() || known.with_value(Option::is_none);
    view! {
        {choice}
        <ProposedPlaybook plan />
        <div class="modal-actions">
            <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
            <button type="button" class="button" disabled=disabled on:click=move |_| run(RunMode::DryRun)>"Dry run"</button>
            <button type="button" class="button primary" disabled=disabled on:click=move |_| run(RunMode::Live)>{label}</button>
        </div>
    }
    .into_any()
}
