//! What was seen: entities with the picture of who was named with whom, and incidents like this one.

use domain::access::Permission;
use leptos::prelude::*;

use super::Screen;
use super::merging::is_possible;
use crate::components::empty_state::EmptyState;
use crate::components::entity_graph::EntityGraph;
use crate::components::entity_table::EntityTable;
use crate::components::similar_list::SimilarList;
use crate::entity_graph;

/// The entities, drawn and as a table.
#[component]
pub fn EntitiesSection(screen: Screen) -> impl IntoView {
    let seen = Memo::new(move |_| {
        screen.detail.with(|detail| {
            (detail.observables.clone(), detail.seen_elsewhere.clone(), detail.alerts.clone(), detail.containments.clone())
        })
    });
    let body = move || {
        let (observables, seen_elsewhere, alerts, containments) = seen.get();
        if observables.is_empty() {
            return view! { <EmptyState title="No entities"><p class="quiet">"The alerts name no address, user, host or file."</p></EmptyState> }.into_any();
        }
        let (points, lines) = entity_graph::layout(&observables, &alerts);
        let graph = (points.len() > 1)
            .then(|| view! { <div class="card"><EntityGraph points lines containments=containments.clone() /></div> });
        view! { {graph}<EntityTable observables seen_elsewhere containments /> }.into_any()
    };
    view! { <div class="stack"><h2>"Entities"</h2>{body}</div> }.into_any()
}

/// Incidents that share entities, with the reason.
#[component]
pub fn SimilarSection(screen: Screen) -> impl IntoView {
    let similar =
        Memo::new(move |_| screen.detail.with(|detail| (detail.similar.clone(), detail.incident.incident_type.clone())));
    let may = screen.why_not(Permission::EditIncident);
    let possible = Memo::new(move |_| screen.detail.with(is_possible));
    let may_merge = Signal::derive(move || possible.get() && may.get().is_none());
    let merge = Callback::new(move |into| screen.merging.ask(Some(into)));
    let body = move || {
        let (similar, incident_type) = similar.get();
        view! { <SimilarList similar incident_type may_merge merge /> }
    };
    let hint = move || {
        (may.get().is_none() && !possible.get())
            .then(|| view! { <p class="quiet">"Only a classified incident that no run holds can be merged into another."</p> })
    };
    view! { <div class="stack"><h2>"Similar incidents"</h2>{hint}{body}</div> }.into_any()
}
