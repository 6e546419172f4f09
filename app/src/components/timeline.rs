//! What happened to an incident, in order, each item with a link to itself.

use api::incidents::TimelineItem;
use domain::audit::{ActorKind, AuditAction};
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::components::empty_state::EmptyState;
use crate::components::quoted::Quoted;
use crate::components::switch::Switch;
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

/// The kinds that one can look at alone, as (word, label).
const KINDS: [(&str, &str); 5] =
    [("all", "All"), ("alerts", "Alerts"), ("runs", "Runs"), ("approvals", "Approvals"), ("people", "People")];

/// Is an item of this kind?
fn is_of(kind: &str, item: &TimelineItem) -> bool {
    let word = item.action.as_str();
    match kind {
        "alerts" => word.starts_with("ALERT") || word.starts_with("INCIDENT") || word.starts_with("ENRICHMENT"),
        "runs" => ["RUN_", "PLAYBOOK_", "ACTION_", "STEP_"].iter().any(|start| word.starts_with(start)),
        "approvals" => word.starts_with("APPROVAL") || word.starts_with("DECISION"),
        "people" => item.actor.kind == ActorKind::User,
        _ => true,
    }
}

/// The items, the newest first; one kind of them alone, if wanted.
#[component]
pub fn Timeline(#[prop(into)] items: Signal<Vec<TimelineItem>>) -> impl IntoView {
    let kind = RwSignal::new("all");
    let newest_first = move || {
        let mut items = items.get();
        items.retain(|item| is_of(kind.get(), item));
        items.sort_by_key(|item| std::cmp::Reverse(item.seq));
        items
    };
    view! {
        <Switch legend="Show" name="timeline-kind" options=&KINDS chosen=kind choose=Callback::new(move |word| kind.set(word)) />
        <ol class="timeline" reversed>
            <For each=newest_first key=|item| item.seq children=|item| view! { <Item item /> } />
        </ol>
        {move || newest_first().is_empty().then(|| view! { <EmptyState title="Nothing of this kind has happened" /> })}
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
            <span><Quoted text=defang::text(&item.summary) />" "<small><Quoted text=who /></small></span>
        </li>
    }
    .into_any()
}
