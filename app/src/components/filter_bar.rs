//! Which incidents are shown: as a line that one types, as chips that one takes away, and as a menu.

use domain::alert::FieldError;
use domain::incident_filter::{TypedFault, parse_typed};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use crate::components::filter_menu::FilterMenu;
use crate::components::icon::{Icon, IconName};
use crate::components::quoted::{Quoted, ShownAs, line};
use crate::components::sort_choice::SortChoice;
use crate::listing::{Chip, Listing};

/// The line, the menu and the chips; `go` shows another list.
#[component]
pub fn FilterBar(
    listing: Memo<Listing>,
    /// What the address says wrongly.
    #[prop(into)]
    errors: Signal<Vec<FieldError>>,
    go: Callback<Listing>,
) -> impl IntoView {
    let chips = move || listing.with(Listing::chips).into_iter().map(chip).collect_view();
    let clear = move || {
        listing
            .with(|listing| !listing.filter.is_empty())
            .then(|| view! { <a class="chip-clear" href="/incidents">"Clear all"</a> })
    };
    let wrong = move || {
        let row = |error: &FieldError| view! { <li><Quoted text=error.pointer.trim_start_matches('/') />" "<Quoted text=error.detail.clone() /></li> };
        errors.with(|errors| {
            (!errors.is_empty())
                .then(|| view! { <ul class="filter-faults" role="alert">{errors.iter().map(row).collect_view()}</ul> })
        })
    };
    view! {
        <div class="filter-bar">
            <div class="filter-line">
                <TypedLine listing go />
                <FilterMenu listing go />
                <SortChoice listing go />
            </div>
            {wrong}
            <div class="chips" role="group" aria-label="Filters">{chips}{clear}</div>
        </div>
    }
    .into_any()
}

fn chip(chip: Chip) -> impl IntoView {
    view! {
        <span class="chip">
            <span class="faint">{chip.label}</span>" "<b><Quoted text=chip.value.clone() /></b>
            <a href=chip.without aria-label=format!("Remove filter {} {}", chip.label, line(&chip.value))><Icon name=IconName::Cross /></a>
        </span>
    }
}

#[component]
fn TypedLine(listing: Memo<Listing>, go: Callback<Listing>) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let text = RwSignal::new(listing.with_untracked(|listing| listing.filter.to_typed()));
    let faults = RwSignal::new(Vec::<TypedFault>::new());
    let reset = move || {
        text.set(listing.with(|listing| listing.filter.to_typed()));
        faults.set(Vec::new());
    };
    Effect::new(reset);
    let leave = move || {
        if let Some(field) = field.get_untracked() {
            let _ = field.blur();
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let query = parse_typed(&text.get_untracked());
        if query.faults.is_empty() {
            go.run(listing.get_untracked().filtered(query.filter));
            untrack(reset);
            leave();
        } else {
            faults.set(query.faults);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            untrack(reset);
            leave();
        }
    };
    let fault = |fault: &TypedFault| view! { <li><code><Quoted text=fault.word.clone() /></code>" "<Quoted text=fault.detail.clone() /></li> };
    let told = move || faults.with(|faults| faults.iter().map(fault).collect_view());
    view! {
        <form class="filter-form" role="search" on:submit=submit>
            <Icon name=IconName::Search />
            <input
                node_ref=field
                id="filter-text"
                type="search"
                aria-label="Filter incidents"
                aria-describedby="filter-faults"
                aria-invalid=move || faults.with(|faults| !faults.is_empty()).then_some("true")
                aria-keyshortcuts="/"
                placeholder="sev:S1 assignee:me ip:91.23.11.9, or words"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=on_key
            />
            <ul id="filter-faults" class="filter-faults" role="status">{told}</ul>
            <ShownAs typed=text />
        </form>
    }
    .into_any()
}
