//! Incidents that share entities with one, and which.

use api::incidents::SimilarIncident;
use domain::id::IncidentType;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::empty_state::EmptyState;
use crate::components::severity_mark::SeverityMark;
use crate::components::state_mark::StateMark;
use crate::components::verdict_mark::VerdictMark;
use crate::{defang, wording};

/// Those that share the most come first.
#[component]
pub fn SimilarList(similar: Vec<SimilarIncident>, incident_type: IncidentType) -> impl IntoView {
    if similar.is_empty() {
        return view! {
            <EmptyState title="Nothing like it yet"><p class="quiet">"No other incident shares an address, user, host, file or link with this one."</p></EmptyState>
        }
        .into_any();
    }
    let rows = similar.into_iter().map(|one| row(one, &incident_type)).collect_view();
    view! { <ul class="similar-list">{rows}</ul> }.into_any()
}

fn row(one: SimilarIncident, incident_type: &IncidentType) -> impl IntoView + use<> {
    let shared =
        one.shared.iter().map(|entity| format!("{} {}", wording::observable_kind(entity.kind), defang::observable(entity)));
    let reason = format!("Shares {}", shared.collect::<Vec<_>>().join(", "));
    let same_type = (one.incident_type == *incident_type).then_some(" \u{b7} same type");
    view! {
        <li class="card">
            <p class="row"><SeverityMark severity=one.severity /><span class="mono faint">{one.id.to_string()}</span><StateMark state=one.state /><VerdictMark verdict=one.verdict /><small><Ago at=one.created_at /></small></p>
            <p><a href=format!("/incidents/{}", one.id)>{defang::text(&one.title)}</a></p>
            <p class="quiet similar-reason">{reason}{same_type}</p>
        </li>
    }
}
