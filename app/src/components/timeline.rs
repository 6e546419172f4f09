//! What happened to an incident, in order, each item with a link to itself.

use api::incidents::TimelineItem;
use domain::audit::AuditAction;
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::components::empty_state::EmptyState;
use crate::defang;

/// What an item is to the eye.
const fn tone(action: AuditAction) -> &'static str {
    match action.as_str().as_bytes() {
        [b'A', b'P', b'P', b'R', b'O', b'V', b'A', b'L', ..] => "hot",
        [.., b'F', b'A', b'I', b'L', b'E', b'D'] | [.., b'U', b'N', b'K', b'N', b'O', b'W', b'N'] => "bad",
        [.., b'S', b'U', b'C', b'C', b'E', b'E', b'D', b'E', b'D']
        | [.., b'C', b'O', b'M', b'P', b'L', b'E', b'T', b'E', b'D'] => "good",
        _ => "plain",
    }
}

/// The items, the newest first.
#[component]
pub fn Timeline(#[prop(into)] items: Signal<Vec<TimelineItem>>) -> impl IntoView {
    let newest_first = move || {
        let mut items = items.get();
        items.sort_by_key(|item| std::cmp::Reverse(item.seq));
        items
    };
    view! {
        <ol class="timeline" reversed>
            <For each=newest_first key=|item| item.seq children=|item| view! { <Item item /> } />
        </ol>
        {move || items.with(Vec::is_empty).then(|| view! { <EmptyState title="Nothing has happened yet" /> })}
    }
    .into_any()
}

#[component]
fn Item(item: TimelineItem) -> impl IntoView {
    let anchor = format!("entry-{}", item.seq);
    let who = item.actor.name.clone().unwrap_or_else(|| item.actor.kind.to_string());
    view! {
        <li class=format!("timeline-item {}", tone(item.action)) id=anchor.clone()>
            <a class="mono" href=format!("#{anchor}") rel="external" title="Link to this entry"><TimeOfDay at=item.at /></a>
            <span class="timeline-dot" aria-hidden="true"></span>
            <span>{defang::text(&item.summary)}" "<small>{who}</small></span>
        </li>
    }
    .into_any()
}
