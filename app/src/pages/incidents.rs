//! The list of incidents, live, with keys. What it shows is in its address.

mod bulk;
mod keys;
mod preview;
mod views;

use api::Page;
use api::incidents::IncidentView;
use domain::access::Permission;
use domain::id::IncidentId;
use leptos::ev;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::arrivals::{self, Rows, Shown};
use crate::components::copy_button::CopyButton;
use crate::components::empty_state::EmptyState;
use crate::components::filter_bar::FilterBar;
use crate::components::icon::{Icon, IconName};
use crate::components::incident_table::IncidentTable;
use crate::components::loaded::{Loaded, Scope};
use crate::components::new_rows::NewRows;
use crate::listing::Listing;
use crate::live::Live;
use crate::selection::Selection;
use crate::server_fns::incidents::list_incidents;
use crate::viewer::Viewer;
use bulk::{Bulk, BulkTools};
use keys::{Keys, follow_keys};
use preview::Preview;
use views::Views;

/// Scrolled further than this, somebody reads.
const AT_TOP_PX: f64 = 8.0;

const FIRST_ALERT: &str = r#"curl -X POST "{origin}/api/v1/alerts" \
  -H "Authorization: Bearer $COUNTERSIGN_KEY" -H "Content-Type: application/json" \
  -d '{"incident_type":"brute_force","impact":4,"likelihood":4,"confidence":3,
       "context":{"ip":"91.23.11.9","target_account":"admin","privileged_account":true,"failed_attempts":20}}'"#;

/// The incidents that the address asks for.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let read = Memo::new(move |_| query.with(Listing::read));
    let listing = Memo::new(move |_| read.with(|(listing, _)| listing.clone()));
    let errors = Signal::derive(move || read.with(|(_, errors)| errors.clone()));
    let page = Resource::new(
        move || (listing.get(), live.incident.get(), live.alert.get()),
        |(listing, ..)| list_incidents(listing.query()),
    );
    let navigate = use_navigate();
    let go = Callback::new(move |listing: Listing| {
        navigate(&listing.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    view! {
        <Title text="Incidents" />
        <div class="page incidents-page">
            <div class="page-head">
                <h1>"Incidents"</h1>
                <a class="button" href="/alerts/new"><Icon name=IconName::Plus />"New alert"</a>
            </div>
            <Views listing />
            <FilterBar listing errors go />
            <Loaded resource=page what="incidents" scope=Scope::Page view=move |page| view! { <Listed page listing /> } />
        </div>
    }
    .into_any()
}

/// The rows on the screen, and the answer to which question they are.
#[derive(Clone, PartialEq)]
struct Answered {
    listing: Listing,
    page: Page<IncidentView>,
    shown: Shown<IncidentView>,
}

#[component]
fn Listed(page: Memo<Page<IncidentView>>, listing: Memo<Listing>) -> impl IntoView {
    let chosen = RwSignal::new(None::<IncidentId>);
    let scrolled = RwSignal::new(false);
    let selected = RwSignal::new(0_usize);
    let shown = Memo::new(move |before: Option<&Answered>| {
        let (listing, page) = (listing.get(), page.get());
        // Another list was asked for, and its answer is not there yet: what is shown still is the list before.
        if let Some(before) = before.filter(|before| before.listing != listing && before.page == page) {
            return before.clone();
        }
        let before = before.filter(|before| before.listing == listing).map(|before| &before.shown);
        let in_use = scrolled.get() || chosen.get().is_some() || selected.get() > 0;
        let rows = if in_use { Rows::StayPut } else { Rows::MayMove };
        let shown = arrivals::next(before, &page.items, rows, |incident| incident.id.to_string());
        Answered { listing, page, shown }
    });
    let rows = Signal::derive(move || shown.with(|answered| answered.shown.rows.clone()));
    let ids = Signal::derive(move || shown.with(|answered| answered.shown.rows.iter().map(|row| row.id).collect()));
    let selection = Selection::new(ids);
    Effect::new(move || selected.set(selection.count()));
    follow_scrolling(scrolled);
    let empty = Memo::new(move |_| rows.with(Vec::is_empty));
    move || {
        if empty.get() {
            return view! { <Nothing listing /> }.into_any();
        }
        let arrived = Signal::derive(move || shown.with(|answered| answered.shown.arrived.clone()));
        let waiting = Signal::derive(move || shown.with(|answered| answered.shown.waiting));
        let show_new = Callback::new(move |()| {
            chosen.set(None);
            selection.clear();
            window().scroll_to_with_x_and_y(0.0, 0.0);
            scrolled.set(false);
        });
        let table = Table { rows, chosen, selection };
        view! { <NewRows waiting show=show_new /><Working table arrived listing /><Pages page listing /> }.into_any()
    }
}

/// The rows, and what a person points at in them.
#[derive(Clone, Copy)]
struct Table {
    rows: Signal<Vec<IncidentView>>,
    /// Where the keys are.
    chosen: RwSignal<Option<IncidentId>>,
    selection: Selection,
}

impl Table {
    /// What a command is about: the selected rows, or the chosen one.
    fn targets(self) -> Vec<IncidentView> {
        let selected = self.selection.ids();
        let chosen = self.chosen.get_untracked();
        let is_meant =
            |row: &&IncidentView| if selected.is_empty() { chosen == Some(row.id) } else { selected.contains(&row.id) };
        self.rows.with_untracked(|rows| rows.iter().filter(is_meant).cloned().collect())
    }
}

/// The table with its preview and what can be done with its rows.
#[component]
fn Working(table: Table, arrived: Signal<std::collections::BTreeSet<String>>, listing: Memo<Listing>) -> impl IntoView {
    let Table { rows, chosen, selection } = table;
    let previewing = RwSignal::new(false);
    let viewer = Viewer::here();
    let bulk = Bulk::new(table, viewer);
    let navigate = use_navigate();
    let open = Callback::new(move |id: IncidentId| navigate(&format!("/incidents/{id}"), NavigateOptions::default()));
    follow_keys(Keys { table, open, previewing, bulk });
    let hint = move || viewer.may(Permission::MoveState).then_some(" \u{b7} a take \u{b7} s move \u{b7} p run \u{b7} x select");
    view! {
        <div class="list-and-preview" class:previewing=previewing>
            <div class="list-side"><IncidentTable rows arrived chosen selection listing open /></div>
            <Preview table previewing bulk />
        </div>
        <BulkTools bulk table />
        <p class="key-hints faint">"j k move \u{b7} o open \u{b7} Space preview"{hint}" \u{b7} f filter \u{b7} / search \u{b7} ? all keys"</p>
    }
    .into_any()
}

#[component]
fn Pages(page: Memo<Page<IncidentView>>, listing: Memo<Listing>) -> impl IntoView {
    let first = move || {
        let listing = listing.get();
        let first = Listing { cursor: None, ..listing.clone() }.address();
        listing.cursor.map(|_| view! { <a class="button" href=first>"First page"</a> })
    };
    let next = move || {
        let cursor = page.with(|page| page.next_cursor.clone())?;
        let next = Listing { cursor: Some(cursor), ..listing.get() }.address();
        Some(view! { <a class="button" href=next>"Next page"</a> })
    };
    view! { <nav class="page-links" aria-label="Pages">{first}{next}</nav> }.into_any()
}

/// No row: because there is none at all, or because the filters hide them.
#[component]
fn Nothing(listing: Memo<Listing>) -> impl IntoView {
    let filtered = Memo::new(move |_| listing.with(|listing| !listing.filter.is_empty()));
    let later = Memo::new(move |_| listing.with(|listing| listing.cursor.is_some()));
    move || {
        match (filtered.get(), later.get()) {
        (true, false) => view! {
            <EmptyState title="No incident passes these filters">
                <p class="quiet">"What you look for may be there under another word: take filters away one by one above, or all at once."</p>
                <p><a class="button" href="/incidents">"Clear all filters"</a></p>
            </EmptyState>
        }
        .into_any(),
        (_, true) => view! {
            <EmptyState title="No more incidents on this page">
                <p><a class="button" href=Listing { cursor: None, ..listing.get() }.address()>"First page"</a></p>
            </EmptyState>
        }
        .into_any(),
        (false, false) => view! { <NoIncidents /> }.into_any(),
    }
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
            <p class="quiet">"An incident appears here as soon as a source posts its first alert. Try it with a key that has the scope "<code>"alerts:write"</code>", or write an alert by hand:"</p>
            <div class="first-alert"><pre tabindex="0">{command}</pre><CopyButton text=command label="Copy command" /></div>
            <p><a class="button" href="/alerts/new"><Icon name=IconName::Plus />"New alert"</a></p>
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
