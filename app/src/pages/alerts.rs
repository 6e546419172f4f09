//! All alerts as they came in, the newest first, each with the incident that took it.

use api::{Page, PageRequest};
use domain::alert::Alert;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::alert_table::AlertTable;
use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::components::page_links::PageLinks;
use crate::live::Live;
use crate::server_fns::alerts::list_alerts;

/// The list.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let page = Resource::new(
        move || (cursor.get(), live.alert.get()),
        |(cursor, _)| list_alerts(PageRequest { cursor, ..PageRequest::default() }),
    );
    view! {
        <Title text="Alerts" />
        <div class="page">
            <div class="page-head"><div><h1>"Alerts"</h1><p class="quiet">"What sources sent, as it was received. Alerts that belong together are one incident."</p></div></div>
            <Loaded resource=page what="alerts" scope=Scope::Page view=move |page| view! { <Listed page cursor /> } />
        </div>
    }
    .into_any()
}

#[component]
fn Listed(page: Memo<Page<Alert>>, cursor: Memo<Option<String>>) -> impl IntoView {
    let alerts = Signal::derive(move || page.with(|page| page.items.clone()));
    let next_cursor = Signal::derive(move || page.with(|page| page.next_cursor.clone()));
    let empty = Memo::new(move |_| page.with(|page| page.items.is_empty()));
    move || {
        if empty.get() {
            return view! {
                <EmptyState title="No alerts yet">
                    <p class="quiet">"They appear as soon as a source posts one. The "<a href="/incidents">"list of incidents"</a>" shows how to post the first."</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <AlertTable alerts /><PageLinks base="/alerts".to_owned() cursor next_cursor /> }.into_any()
    }
}
