//! What was seen: entities with the picture of who was named with whom, alerts as they were received, and incidents like this one.

use leptos::prelude::*;

use super::Screen;
use crate::components::alert_list::AlertList;
use crate::components::empty_state::EmptyState;
use crate::components::entity_graph::EntityGraph;
use crate::components::entity_table::EntityTable;
use crate::components::similar_list::SimilarList;
use crate::entity_graph;

/// The entities, drawn and as a table.
#[component]
pub fn EntitiesSection(screen: Screen) -> impl IntoView {
    let seen = Memo::new(move |_| {
        screen.detail.with(|detail| (detail.observables.clone(), detail.seen_elsewhere.clone(), detail.alerts.clone()))
    });
    let body = move || {
        let (observables, seen_elsewhere, alerts) = seen.get();
        if observables.is_empty() {
            return view! { <EmptyState title="No entities"><p class="quiet">"The alerts name no address, user, host or file."</p></EmptyState> }.into_any();
        }
        let (points, lines) = entity_graph::layout(&observables, &alerts);
        let graph = (points.len() > 1).then(|| view! { <div class="card"><EntityGraph points lines /></div> });
        view! { {graph}<EntityTable observables seen_elsewhere /> }.into_any()
    };
    view! { <div class="stack"><h2>"Entities"</h2>{body}</div> }.into_any()
}

/// The alerts with the digests of their bytes.
#[component]
pub fn EvidenceSection(screen: Screen) -> impl IntoView {
    let alerts = Signal::derive(move || screen.detail.with(|detail| detail.alerts.clone()));
    view! { <div class="stack"><h2>"Evidence"</h2><AlertList alerts /></div> }.into_any()
}

/// Incidents that share entities, with the reason.
#[component]
pub fn SimilarSection(screen: Screen) -> impl IntoView {
    let similar =
        Memo::new(move |_| screen.detail.with(|detail| (detail.similar.clone(), detail.incident.incident_type.clone())));
    let body = move || {
        let (similar, incident_type) = similar.get();
        view! { <SimilarList similar incident_type /> }
    };
    view! { <div class="stack"><h2>"Similar incidents"</h2>{body}</div> }.into_any()
}
