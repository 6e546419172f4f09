//! The list of incidents.

use std::collections::BTreeSet;

use api::incidents::IncidentView;
use domain::id::IncidentId;
use domain::incident_filter::{IncidentSort, SortOrder};
use leptos::prelude::*;

use crate::components::incident_row::IncidentRow;
use crate::listing::Listing;
use crate::selection::Selection;

/// The rows that are shown; `arrived` are highlighted for a moment, `chosen` is where the keys are.
#[component]
pub fn IncidentTable(
    #[prop(into)] rows: Signal<Vec<IncidentView>>,
    #[prop(into)] arrived: Signal<BTreeSet<String>>,
    #[prop(into)] chosen: Signal<Option<IncidentId>>,
    selection: Selection,
    listing: Memo<Listing>,
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
        view! { <IncidentRow incident chosen=is_chosen arrived=has_arrived selection open /> }
    };
    let all = move || rows.with(|rows| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let every = Memo::new(move |_| all().iter().all(|id| selection.has(*id)));
    let toggle_all = move |_| if every.get_untracked() { selection.clear() } else { selection.set_all(untrack(all)) };
    view! {
        <table class="incident-table table">
            <caption class="heard-only">"Incidents"</caption>
            <thead>
                <tr>
                    <th scope="col" class="cell-select"><input type="checkbox" aria-label="Select all rows" prop:checked=every on:change=toggle_all /></th>
                    <th scope="col" class="cell-severity">"Severity"</th>
                    <th scope="col" class="cell-id">"Incident"</th>
                    <th scope="col" class="cell-what">"What"</th>
                    <th scope="col" class="cell-state">"State"</th>
                    <SortedHeader label="Score" class="cell-score" sort=IncidentSort::RiskScore listing />
                    <th scope="col" class="cell-verdict">"Verdict"</th>
                    <th scope="col" class="cell-assignee">"Assignee"</th>
                    <th scope="col" class="cell-sla">"SLA"</th>
                    <SortedHeader label="Age" class="cell-age" sort=IncidentSort::CreatedAt listing />
                </tr>
            </thead>
            <tbody><For each=move || rows.get() key=|row| row.id children=row /></tbody>
        </table>
    }
    .into_any()
}

/// A header that sorts: the highest or newest first, then the other way.
#[component]
fn SortedHeader(label: &'static str, class: &'static str, sort: IncidentSort, listing: Memo<Listing>) -> impl IntoView {
    let order = Memo::new(move |_| listing.with(|listing| (listing.sort == sort).then_some(listing.order)));
    let href = move || {
        let next = if order.get() == Some(SortOrder::Descending) { SortOrder::Ascending } else { SortOrder::Descending };
        listing.with(|listing| listing.sorted(sort, next).address())
    };
    let sorted = move || order.get().map(|order| if order == SortOrder::Ascending { "ascending" } else { "descending" });
    let arrow = move || order.get().map(|order| if order == SortOrder::Ascending { " \u{2191}" } else { " \u{2193}" });
    view! { <th scope="col" class=class aria-sort=sorted><a href=href>{label}<span aria-hidden="true">{arrow}</span></a></th> }
        .into_any()
}
