//! In which order a list stands, and how many rows a page of it has.

use domain::incident_filter::{IncidentSort, SortOrder};
use leptos::prelude::*;

use crate::listing::{LIMITS, Listing};

const SORTS: [(&str, IncidentSort, SortOrder); 5] = [
    ("Newest first", IncidentSort::CreatedAt, SortOrder::Descending),
    ("Oldest first", IncidentSort::CreatedAt, SortOrder::Ascending),
    ("Changed last", IncidentSort::UpdatedAt, SortOrder::Descending),
    ("Highest score", IncidentSort::RiskScore, SortOrder::Descending),
    ("Lowest score", IncidentSort::RiskScore, SortOrder::Ascending),
];

/// Two choices; each shows another list at once.
#[component]
pub fn SortChoice(listing: Memo<Listing>, go: Callback<Listing>) -> impl IntoView {
    let at = move || {
        listing.with(|listing| SORTS.iter().position(|(_, sort, order)| (*sort, *order) == (listing.sort, listing.order)))
    };
    let sort = move |event| {
        let chosen = event_target_value(&event).parse::<usize>().ok().and_then(|index| SORTS.get(index));
        if let Some((_, sort, order)) = chosen {
            go.run(listing.with_untracked(|listing| listing.sorted(*sort, *order)));
        }
    };
    let limit = move |event| {
        if let Ok(limit) = event_target_value(&event).parse() {
            go.run(Listing { limit, cursor: None, ..listing.get_untracked() });
        }
    };
    let option = move |(index, (label, ..)): (usize, &(&'static str, IncidentSort, SortOrder))| {
        view! { <option value=index.to_string() prop:selected=move || at().unwrap_or(0) == index>{*label}</option> }
    };
    let rows = move |limit: u32| {
        view! { <option value=limit.to_string() prop:selected=move || listing.with(|listing| listing.limit == limit)>{limit}" rows"</option> }
    };
    view! {
        <select class="sort-choice" aria-label="Sort" on:change=sort>
            {SORTS.iter().enumerate().map(option).collect_view()}
        </select>
        <select class="sort-choice" aria-label="Rows on a page" on:change=limit>
            {LIMITS.map(rows).collect_view()}
        </select>
    }
    .into_any()
}
