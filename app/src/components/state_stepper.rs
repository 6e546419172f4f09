//! The states of an incident in order: what was, what is, and what may come next.

use api::incidents::IncidentView;
use domain::incident::State;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::wording;

/// What a step is to the incident now.
fn class(state: State, incident: &IncidentView) -> &'static str {
    if state == incident.state {
        "now"
    } else if incident.allowed_transitions.contains(&state) {
        "next"
    } else if state < incident.state {
        "past"
    } else {
        "later"
    }
}

fn entered_at(state: State, incident: &IncidentView) -> Option<Timestamp> {
    match state {
        State::New => Some(incident.created_at),
        State::Contained => incident.contained_at,
        State::Resolved => incident.resolved_at,
        State::Closed => incident.closed_at,
        State::Classified | State::AwaitingApproval | State::InProgress => None,
    }
    .filter(|_| state <= incident.state)
}

/// One step for each state.
#[component]
pub fn StateStepper(#[prop(into)] incident: Signal<IncidentView>) -> impl IntoView {
    let step = move |state: State| {
        let class = move || incident.with(|incident| class(state, incident));
        let at =
            move || incident.with(|incident| entered_at(state, incident)).map(|at| view! { <small><TimeOfDay at /></small> });
        let allowed = move || (class() == "next").then(|| view! { <span class="heard-only">" (allowed next)"</span> });
        view! {
            <li class=class aria-current=move || (class() == "now").then_some("step")>
                {wording::state(state)}{allowed}{at}
            </li>
        }
    };
    view! { <ol class="state-stepper" aria-label="States" tabindex="0">{State::ALL.iter().copied().map(step).collect_view()}</ol> }.into_any()
}
