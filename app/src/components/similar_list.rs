//! Incidents that share entities with one, which, and the way to merge it into one of them.

use api::incidents::SimilarIncident;
use domain::id::{IncidentId, IncidentType};
use domain::incident::merging::may_take_duplicate;
use domain::observable::Observable;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::empty_state::EmptyState;
use crate::components::quoted::Quoted;
use crate::components::severity_mark::SeverityMark;
use crate::components::state_mark::StateMark;
use crate::components::verdict_mark::VerdictMark;
use crate::{defang, wording};

/// Those that share the most come first. `merge` is offered where `may_merge` says so and the other may take a duplicate.
#[component]
pub fn SimilarList(
    similar: Vec<SimilarIncident>,
    incident_type: IncidentType,
    #[prop(into)] may_merge: Signal<bool>,
    merge: Callback<IncidentId>,
) -> impl IntoView {
    if similar.is_empty() {
        return view! {
            <EmptyState title="Nothing like it yet"><p class="quiet">"No other incident shares an address, user, host, file or link with this one."</p></EmptyState>
        }
        .into_any();
    }
    let rows = similar.into_iter().map(|one| row(one, &incident_type, (may_merge, merge))).collect_view();
    view! { <ul class="similar-list">{rows}</ul> }.into_any()
}

fn row(
    one: SimilarIncident,
    incident_type: &IncidentType,
    (may_merge, merge): (Signal<bool>, Callback<IncidentId>),
) -> impl IntoView + use<> {
    let (id, takes) = (one.id, may_take_duplicate(one.state));
    let reason = shared_words(&one.shared);
    let button = move || {
        (takes && may_merge.get()).then(|| {
            let label = format!("Merge into {id}");
            view! { <p><button type="button" class="button" aria-label=label on:click=move |_| merge.run(id)>"Merge into this one"</button></p> }
        })
    };
    let same_type = (one.incident_type == *incident_type).then_some(" \u{b7} same type");
    view! {
        <li class="card">
            <p class="row"><SeverityMark severity=one.severity /><span class="mono faint">{one.id.to_string()}</span><StateMark state=one.state /><VerdictMark verdict=one.verdict /><small><Ago at=one.created_at /></small></p>
            <p><a href=format!("/incidents/{}", one.id)><Quoted text=defang::text(&one.title) /></a></p>
            <p class="quiet similar-reason">{reason}{same_type}</p>
            {button}
        </li>
    }
}

/// What it shares: "Shares address 192.0.2.1, user jane".
pub fn shared_words(shared: &[Observable]) -> impl IntoView + use<> {
    let entity = |(index, entity): (usize, &Observable)| {
        let comma = if index == 0 { "" } else { ", " };
        view! { {comma}{wording::observable_kind(entity.kind)}" "<Quoted text=defang::observable(entity) /> }
    };
    view! { "Shares "{shared.iter().enumerate().map(entity).collect_view()} }
}
