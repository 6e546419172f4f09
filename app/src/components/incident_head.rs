//! The top of an incident: what it is, where it stands, and what one may do with it.

use api::incidents::IncidentView;
use domain::incident::State;
use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::components::severity_mark::SeverityMark;
use crate::components::state_stepper::StateStepper;
use crate::components::transition_dialog::Move;
use crate::{defang, wording};

/// Title, states, and the buttons that move it by hand; `children` are the other buttons.
#[component]
pub fn IncidentHead(
    #[prop(into)] incident: Signal<IncidentView>,
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    ask: Callback<Move>,
    children: Children,
) -> impl IntoView {
    let severity = Signal::derive(move || incident.with(|incident| incident.severity));
    view! {
        <header class="incident-head">
            <div class="page-head">
                <div>
                    <p class="row">
                        <SeverityMark severity />
                        <span class="mono faint">{move || incident.with(|incident| incident.id.to_string())}</span>
                        <b class="incident-score">"score "{move || incident.with(|incident| incident.risk_score)}</b>
                    </p>
                    <h1>{move || view! { <Quoted text=incident.with(|incident| defang::text(&incident.title)) /> }}</h1>
                </div>
                <div class="incident-actions">
                    <MoveButtons incident why_not ask />
                    {children()}
                </div>
            </div>
            <StateStepper incident />
        </header>
    }
    .into_any()
}

#[component]
fn MoveButtons(incident: Signal<IncidentView>, why_not: Signal<Option<&'static str>>, ask: Callback<Move>) -> impl IntoView {
    let moves = Memo::new(move |_| incident.with(|incident| (incident.state, incident.allowed_transitions.clone())));
    let button = move |from: State, to: State| {
        view! {
            <button type="button" class="button" disabled=move || why_not.get().is_some() title=move || why_not.get() on:click=move |_| ask.run(Move { from, to })>
                {wording::transition(from, to)}
            </button>
        }
    };
    move || {
        let (from, allowed) = moves.get();
        allowed.into_iter().map(|to| button(from, to)).collect_view()
    }
}
