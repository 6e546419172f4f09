//! The lists that one goes back to: the ones that everybody has, and a person's own.

use domain::id::ViewId;
use domain::incident_filter::parse_typed;
use domain::saved_view::SavedView;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;
use crate::listing::Listing;

/// The views that everybody has, as (name, what one would type).
const SHIPPED: [(&str, &str); 4] = [
    ("All", ""),
    ("Open", "state:new,classified,awaiting_approval,in_progress"),
    ("Mine", "state:new,classified,awaiting_approval,in_progress assignee:me"),
    ("Unassigned", "state:new,classified,awaiting_approval,in_progress assignee:none"),
];

/// What a person wants to do with their views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewChange {
    /// Keep the list on the screen under a new name: ask for it.
    Name,
    /// Keep the list on the screen under the name that this view has.
    Update(SavedView),
    /// Ask for another name for this view.
    Rename(SavedView),
    Remove(SavedView),
}

/// The links, the current one marked, and what can be done with it.
#[component]
pub fn SavedViewBar(
    listing: Memo<Listing>,
    #[prop(into)] views: Signal<Vec<SavedView>>,
    change: Callback<ViewChange>,
) -> impl IntoView {
    let now =
        Memo::new(move |_| listing.with(|listing| Listing { limit: Listing::default().limit, cursor: None, ..listing.clone() }));
    let shipped = SHIPPED.map(|(name, line)| {
        let of = typed(line);
        let href = of.address();
        let is_now = move || now.with(|now| *now == of).then_some("page");
        view! { <li><a href=href aria-current=is_now>{name}</a></li> }
    });
    // The view that was opened last, for as long as no other is: changing its filter does not leave it.
    let opened = RwSignal::new(None::<ViewId>);
    Effect::new(move || {
        let exact = views
            .with(|views| views.iter().find(|view| now.with(|now| Listing::of_view(&view.content) == *now)).map(|view| view.id));
        let is_shipped = now.with(|now| SHIPPED.iter().any(|(_, line)| typed(line) == *now));
        if exact.is_some() || is_shipped {
            opened.set(exact);
        }
    });
    let own = move || views.get().into_iter().map(|view| own_view(view, now, opened)).collect_view();
    let current = move || views.with(|views| views.iter().find(|view| Some(view.id) == opened.get()).cloned());
    view! {
        <nav class="saved-views" aria-label="Views">
            <ul>{shipped.into_iter().collect_view()}{own}</ul>
            <div class="saved-view-actions">{move || actions(current(), now, change)}</div>
        </nav>
    }
    .into_any()
}

/// The list that one would get by typing this, sorted as lists are sorted by default.
fn typed(line: &str) -> Listing {
    Listing { filter: parse_typed(line).filter, ..Listing::default() }
}

fn own_view(view: SavedView, now: Memo<Listing>, opened: RwSignal<Option<ViewId>>) -> impl IntoView {
    let of = Listing::of_view(&view.content);
    let href = of.address();
    let is_opened = move || (opened.get() == Some(view.id)).then_some("page");
    let changed = move || (opened.get() == Some(view.id) && now.with(|now| *now != of)).then_some("*");
    view! { <li><a href=href aria-current=is_opened><span><Quoted text=view.content.name />{changed}</span></a></li> }
}

/// What can be done with the list on the screen, as a view.
fn actions(current: Option<SavedView>, now: Memo<Listing>, change: Callback<ViewChange>) -> AnyView {
    let button = move |label: &'static str, what: ViewChange| {
        view! { <button type="button" class="saved-view-action" on:click=move |_| change.run(what.clone())>{label}</button> }
    };
    match current {
        Some(view) if now.with(|now| Listing::of_view(&view.content) == *now) => {
            view! { {button("Rename", ViewChange::Rename(view.clone()))}{button("Remove", ViewChange::Remove(view))} }.into_any()
        }
        Some(view) => view! { {button("Save changes", ViewChange::Update(view))}{button("Save as new", ViewChange::Name)} }.into_any(),
        None => view! {
            <button type="button" class="saved-view-action" on:click=move |_| change.run(ViewChange::Name)><Icon name=IconName::Plus />"Save view"</button>
        }
        .into_any(),
    }
}
