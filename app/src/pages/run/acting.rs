//! What a person may do to a run: cancel it, after a question; say what happened in a step of unknown outcome. Or why they may not.

use api::runs::ResolveRequest;
use domain::access::Permission;
use domain::id::{IncidentId, RunId, StepId};
use domain::run::{Run, RunStatus};
use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::components::resolve_form::ResolveForm;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::runs::{cancel_run, resolve_step};
use crate::viewer::Viewer;

const NOT_ANALYST: &str = "Only analysts may cancel a run.";
const NOT_RESOLVER: &str = "Only analysts and approvers may say what happened.";

/// The button while there is something to cancel, and the dialog that asks.
#[component]
pub fn CancelRun(run: Memo<Run>) -> impl IntoView {
    let viewer = Viewer::here();
    let live = expect_context::<Live>();
    let notices = expect_context::<Notices>();
    let open = RwSignal::new(false);
    let (id, incident_id) = run.with_untracked(|run| (run.id, run.incident_id));
    let cancelling = Action::new(move |(): &()| async move {
        match cancel_run(id).await {
            Ok(_) => notices.good(format!("{id} is cancelled")),
            Err(error) => notices.bad(&error),
        }
        open.set(false);
        live.raise_incident(incident_id);
        live.run.update(|count| *count += 1);
    });
    let active = Memo::new(move |_| run.with(|run| run.status.is_active()));
    let waits = Memo::new(move |_| run.with(|run| run.status == RunStatus::AwaitingApproval));
    let label = move || if waits.get() { "Withdraw run" } else { "Cancel run" };
    let may = Memo::new(move |_| viewer.may(Permission::CancelRun));
    let button = move || {
        active.get().then(|| {
            view! {
                <button type="button" class="button bad" disabled=move || !may.get() title=move || (!may.get()).then_some(NOT_ANALYST) on:click=move |_| open.set(true)>{label}</button>
                {move || (!may.get()).then(|| view! { <small>{NOT_ANALYST}</small> })}
            }
        })
    };
    view! {
        {button}
        <Modal open close=Callback::new(move |()| open.set(false)) label=Signal::derive(move || format!("{}?", label())) name="cancel-run">
            <p>{move || if waits.get() { "Its approval is withdrawn, and nothing runs." } else { "It stops before its next step. What has run already stays done." }}</p>
            <p class="quiet">"The incident goes back to where the run was asked from. Another run is a new run, with its own approval."</p>
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>"Keep it"</button>
                <button type="button" class="button bad" disabled=move || cancelling.pending().get() on:click=move |_| drop(cancelling.dispatch(()))>{label}</button>
            </div>
        </Modal>
    }
    .into_any()
}

/// Where somebody says what happened in a step of this run.
#[component]
pub fn Resolve(incident_id: IncidentId, run: RunId, step: StepId) -> impl IntoView {
    let viewer = Viewer::here();
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    let name = format!("{run}-{step}");
    let resolving = Action::new(move |request: &ResolveRequest| {
        let (request, step) = (request.clone(), step.clone());
        async move {
            let outcome = resolve_step(run, step, request).await;
            match outcome {
                Ok(_) => notices.good("The outcome is recorded"),
                Err(error) => notices.bad(&error),
            }
            live.raise_incident(incident_id);
            live.run.update(|count| *count += 1);
        }
    });
    let why_not = Signal::derive(move || (!viewer.may(Permission::ResolveStep)).then_some(NOT_RESOLVER));
    let resolve = Callback::new(move |request| drop(resolving.dispatch(request)));
    view! { <ResolveForm name why_not busy=resolving.pending() resolve /> }.into_any()
}
