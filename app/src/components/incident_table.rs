//! The list of incidents.

use std::collections::BTreeSet;

use api::incidents::IncidentView;
use domain::id::IncidentId;
use leptos::prelude::*;

use crate::components::incident_row::IncidentRow;

/// The rows that are shown; `arrived` are highlighted for a moment, `chosen` is where the keys are.
#[component]
pub fn IncidentTable(
    #[prop(into)] rows: Signal<Vec<IncidentView>>,
    #[prop(into)] arrived: Signal<BTreeSet<String>>,
    #[prop(into)] chosen: Signal<Option<IncidentId>>,
    open: Callback<IncidentId>,
) -> impl IntoView {
    let row = move |first: IncidentView| {
        let id = first.id;
        let incident = Memo::new(move |before: Option<&IncidentView>| {
            let current = rows.with(|rows| rows.iter().find(|row| row.id == id).cloned());
            current.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        let is_chosen = Memo::new(move |_| chosen.get() == Some(id));
        let has_arrived = Memo::new(move |_| arrived.with(|arrived| arrived.contains(&id.to_string())));
        view! { <IncidentRow incident chosen=is_chosen arrived=has_arrived open /> }
    };
    view! {
        <table class="incident-table table">
            <caption class="heard-only">"Incidents, the newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Severity"</th>
                    <th scope="col">"Incident"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Score"</th>
                    <th scope="col">"Verdict"</th>
                    <th scope="col">"Assignee"</th>
                    <th scope="col">"Age"</th>
                </tr>
            </thead>
            <tbody><For each=move || rows.get() key=|row| row.id children=row /></tbody>
        </table>
    }
    .into_any()
}
