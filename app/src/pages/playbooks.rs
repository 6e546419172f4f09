//! The library: every playbook in force.

use api::Page;
use api::playbooks::PlaybookView;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::components::playbook_table::PlaybookTable;
use crate::live::Live;
use crate::server_fns::playbooks::list_playbooks;

/// The list, by id.
#[component]
pub fn PlaybooksPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let playbooks = Resource::new(move || (live.playbook.get(), live.run.get()), |_| list_playbooks());
    view! {
        <Title text="Playbooks" />
        <div class="page">
            <div class="page-head">
                <div><h1>"Playbooks"</h1><p class="quiet">"What is done about an incident, in which order, and when somebody must sign for it first."</p></div>
                <a class="button" href="/playbooks/upload">"Write or upload"</a>
            </div>
            <Loaded resource=playbooks what="playbooks" scope=Scope::Page view=|page| view! { <Listed page /> } />
        </div>
    }
    .into_any()
}

#[component]
fn Listed(page: Memo<Page<PlaybookView>>) -> impl IntoView {
    let playbooks = Signal::derive(move || page.with(|page| page.items.clone()));
    let empty = Memo::new(move |_| page.with(|page| page.items.is_empty()));
    move || {
        if empty.get() {
            return view! {
                <EmptyState title="No playbooks">
                    <p class="quiet">"Put YAML files into the playbooks folder, or have an admin "<a href="/playbooks/upload">"upload one"</a>"."</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <PlaybookTable playbooks /> }.into_any()
    }
}
