//! All runs, or those of one playbook, the newest first.

use api::{ApiError, Page, PageRequest};
use domain::id::PlaybookId;
use domain::run::Run;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::components::page_links::PageLinks;
use crate::components::run_table::RunTable;
use crate::live::Live;
use crate::server_fns::runs::{list_runs, list_runs_of_playbook};

/// The list; `?playbook=` narrows it.
#[component]
pub fn RunsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let playbook = Memo::new(move |_| query.with(|query| query.get("playbook")).and_then(|text| text.parse::<PlaybookId>().ok()));
    let page = Resource::new(
        move || (playbook.get(), cursor.get(), live.run.get(), live.approval.get()),
        |(playbook, cursor, ..)| list(playbook, PageRequest { cursor, ..PageRequest::default() }),
    );
    let base = Signal::derive(move || playbook.get().map_or("/runs".to_owned(), |id| format!("/runs?playbook={id}")));
    let chip = move || {
        playbook.get().map(|id| view! { <p class="row"><span class="quiet">"Only runs of "<a href=format!("/playbooks/{id}")>{id.to_string()}</a></span><a class="button" href="/runs">"All runs"</a></p> })
    };
    view! {
        <Title text="Runs" />
        <div class="page">
            <div class="page-head"><div><h1>"Runs"</h1><p class="quiet">"Every time a playbook ran, or was tried, and what came of it."</p></div></div>
            {chip}
            <Loaded resource=page what="runs" scope=Scope::Page view=move |page| view! { <Listed page base cursor /> } />
        </div>
    }
    .into_any()
}

async fn list(playbook: Option<PlaybookId>, page: PageRequest) -> Result<Page<Run>, ApiError> {
    match playbook {
        Some(id) => list_runs_of_playbook(id, page).await,
        None => list_runs(page).await,
    }
}

#[component]
fn Listed(page: Memo<Page<Run>>, base: Signal<String>, cursor: Memo<Option<String>>) -> impl IntoView {
    let runs = Signal::derive(move || page.with(|page| page.items.clone()));
    let next_cursor = Signal::derive(move || page.with(|page| page.next_cursor.clone()));
    let empty = Memo::new(move |_| page.with(|page| page.items.is_empty()));
    move || {
        if empty.get() {
            return view! {
                <EmptyState title="Nothing has run yet">
                    <p class="quiet">"Open an "<a href="/incidents">"incident"</a>", look at its proposed plan, and try it with a dry run."</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <RunTable runs /><PageLinks base cursor next_cursor /> }.into_any()
    }
}
