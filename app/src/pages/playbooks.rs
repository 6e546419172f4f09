//! The library: every playbook in force, and what is not because of its faults.

use std::time::Duration;

use api::ApiError;
use api::playbooks::{PlaybookView, RefusedPlaybook};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::components::playbook_table::PlaybookTable;
use crate::components::refused_playbooks::RefusedPlaybooks;
use crate::live::Live;
use crate::server_fns::playbooks::{list_playbooks, list_refused_playbooks};

/// How often what is refused is looked at again, as long as anything is: a file that says again what is in force leaves no entry.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(5);

/// The playbooks in force, and those that are refused.
type Library = (Vec<PlaybookView>, Vec<RefusedPlaybook>);

async fn list_both() -> Result<Library, ApiError> {
    futures::try_join!(list_playbooks(), list_refused_playbooks())
}

/// The list, by id.
#[component]
pub fn PlaybooksPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let again = RwSignal::new(0_u32);
    let playbooks = Resource::new(move || (live.playbook.get(), live.run.get(), again.get()), |_| list_both());
    view! {
        <Title text="Playbooks" />
        <div class="page">
            <div class="page-head">
                <div><h1>"Playbooks"</h1><p class="quiet">"What is done about an incident, in which order, and when somebody must sign for it first."</p></div>
                <a class="button" href="/playbooks/upload">"Write or upload"</a>
            </div>
            <Loaded resource=playbooks what="playbooks" scope=Scope::Page view=move |library| view! { <Listed library again /> } />
        </div>
    }
    .into_any()
}

#[component]
fn Listed(library: Memo<Library>, again: RwSignal<u32>) -> impl IntoView {
    let any_refused = Memo::new(move |_| library.with(|(_, refused)| !refused.is_empty()));
    Effect::new(move || {
        if any_refused.get() {
            look_again(again);
        }
    });
    let playbooks = Signal::derive(move || library.with(|(in_force, _)| in_force.clone()));
    let refused = Signal::derive(move || library.with(|(_, refused)| refused.clone()));
    let empty = Memo::new(move |_| library.with(|(in_force, _)| in_force.is_empty()));
    let table = move || {
        if empty.get() {
            return view! {
                <EmptyState title="No playbooks">
                    <p class="quiet">"Put YAML files into the playbooks folder, or have an admin "<a href="/playbooks/upload">"upload one"</a>"."</p>
                </EmptyState>
            }
            .into_any();
        }
        view! { <PlaybookTable playbooks /> }.into_any()
    };
    view! { <RefusedPlaybooks refused />{table} }.into_any()
}

/// For as long as the caller's owner lives.
fn look_again(again: RwSignal<u32>) {
    if let Ok(timer) = set_interval_with_handle(move || again.update(|again| *again += 1), LOOK_AGAIN_EVERY) {
        on_cleanup(move || timer.clear());
    }
}
