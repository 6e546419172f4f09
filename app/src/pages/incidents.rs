//! The list of incidents, live, with keys.

use api::incidents::{IncidentQuery, IncidentView};
use api::{Page, PageRequest};
use domain::id::IncidentId;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::arrivals::{self, Rows, Shown};
use crate::components::copy_button::CopyButton;
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, IconName};
use crate::components::incident_table::IncidentTable;
use crate::components::loaded::{Loaded, Scope};
use crate::components::new_rows::NewRows;
use crate::components::page_links::PageLinks;
use crate::keyboard;
use crate::live::Live;
use crate::server_fns::incidents::list_incidents;

/// Scrolled further than this, somebody reads.
const AT_TOP_PX: f64 = 8.0;

const FIRST_ALERT: &str = r#"curl -X POST "{origin}/api/v1/alerts" \
  -H "Authorization: Bearer $COUNTERSIGN_KEY" -H "Content-Type: application/json" \
  -d '{"incident_type":"brute_force","impact":4,"likelihood":4,"confidence":3,
       "context":{"ip":"91.23.11.9","target_account":"admin","privileged_account":true,"failed_attempts":20}}'"#;

/// All incidents, the newest first.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let page = Resource::new(
        move || (cursor.get(), live.incident.get(), live.alert.get()),
        |(cursor, ..)| {
            let page = PageRequest { cursor, ..PageRequest::default() };
            list_incidents(IncidentQuery { page, ..IncidentQuery::default() })
        },
    );
    view! {
        <Title text="Incidents" />
        <div class="page">
            <div class="page-head">
                <h1>"Incidents"</h1>
                <a class="button" href="/alerts/new"><Icon name=IconName::Plus />"New alert"</a>
            </div>
            <Loaded resource=page what="incidents" scope=Scope::Page view=move |page| view! { <Listed page cursor /> } />
        </div>
    }
    .into_any()
}

#[component]
fn Listed(page: Memo<Page<IncidentView>>, cursor: Memo<Option<String>>) -> impl IntoView {
    let chosen = RwSignal::new(None::<IncidentId>);
    let scrolled = RwSignal::new(false);
    let shown = Memo::new(move |before: Option<&(Option<String>, Shown<IncidentView>)>| {
        let cursor = cursor.get();
        let before = before.filter(|(of, _)| *of == cursor).map(|(_, shown)| shown);
        let rows = if scrolled.get() || chosen.get().is_some() { Rows::StayPut } else { Rows::MayMove };
        let shown = page.with(|page| arrivals::next(before, &page.items, rows, |incident| incident.id.to_string()));
        (cursor, shown)
    });
    let rows = Signal::derive(move || shown.with(|(_, shown)| shown.rows.clone()));
    let arrived = Signal::derive(move || shown.with(|(_, shown)| shown.arrived.clone()));
    let waiting = Signal::derive(move || shown.with(|(_, shown)| shown.waiting));
    let next_cursor = Signal::derive(move || page.with(|page| page.next_cursor.clone()));
    follow_scrolling(scrolled);
    let navigate = use_navigate();
    let open = Callback::new(move |id: IncidentId| navigate(&format!("/incidents/{id}"), NavigateOptions::default()));
    follow_keys(rows, chosen, open);
    let show_new = Callback::new(move |()| {
        chosen.set(None);
        window().scroll_to_with_x_and_y(0.0, 0.0);
        scrolled.set(false);
    });
    let empty = Memo::new(move |_| rows.with(Vec::is_empty));
    move || {
        if empty.get() {
            return view! { <NoIncidents /> }.into_any();
        }
        view! {
            <NewRows waiting show=show_new />
            <IncidentTable rows arrived chosen open />
            <PageLinks base="/incidents".to_owned() cursor next_cursor />
            <p class="key-hints faint"><kbd>"j"</kbd>" "<kbd>"k"</kbd>" move · "<kbd>"o"</kbd>" open · "<kbd>"?"</kbd>" all keys"</p>
        }
        .into_any()
    }
}

#[component]
fn NoIncidents() -> impl IntoView {
    let origin = RwSignal::new("$COUNTERSIGN_URL".to_owned());
    Effect::new(move || {
        if let Ok(here) = location().origin() {
            origin.set(here);
        }
    });
    let command = Signal::derive(move || FIRST_ALERT.replace("{origin}", &origin.get()));
    view! {
        <EmptyState title="No incidents yet">
            <p class="quiet">"An incident appears here as soon as a source posts its first alert. Try it with a key that has the scope "<code>"alerts:write"</code>":"</p>
            <div class="first-alert"><pre tabindex="0">{command}</pre><CopyButton text=command label="Copy command" /></div>
        </EmptyState>
    }
    .into_any()
}

fn follow_scrolling(scrolled: RwSignal<bool>) {
    Effect::new(move || {
        let handle = window_event_listener(ev::scroll, move |_| {
            let now = window().scroll_y().is_ok_and(|y| y > AT_TOP_PX);
            if scrolled.get_untracked() != now {
                scrolled.set(now);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// `j` and `k` move, `o` and Enter open, Escape chooses none.
fn follow_keys(rows: Signal<Vec<IncidentView>>, chosen: RwSignal<Option<IncidentId>>, open: Callback<IncidentId>) {
    Effect::new(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            let Some(key) = keyboard::command(&event) else { return };
            let ids: Vec<IncidentId> = rows.with_untracked(|rows| rows.iter().map(|row| row.id).collect());
            let at = chosen.get_untracked().and_then(|id| ids.iter().position(|other| *other == id));
            match (key.as_str(), at) {
                ("j", at) => choose(chosen, ids.get(at.map_or(0, |at| at + 1)).or(ids.last())),
                ("k", at) => choose(chosen, ids.get(at.unwrap_or(0).saturating_sub(1))),
                ("Escape", _) => chosen.set(None),
                ("o" | "Enter", Some(at)) => {
                    event.prevent_default();
                    open.run(ids[at]);
                }
                _ => {}
            }
        });
        on_cleanup(move || handle.remove());
    });
}

fn choose(chosen: RwSignal<Option<IncidentId>>, id: Option<&IncidentId>) {
    chosen.set(id.copied());
    request_animation_frame(|| {
        if let Ok(Some(row)) = document().query_selector("tr.chosen") {
            row.scroll_into_view_with_bool(false);
        }
    });
}
