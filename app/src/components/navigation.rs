//! Where one can go, with the number of what waits there.

use api::overview::Counts;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::components::icon::{Icon, IconName};

/// The links to the main pages.
#[component]
pub fn Navigation(#[prop(into)] counts: Signal<Option<Counts>>) -> impl IntoView {
    let open = Signal::derive(move || counts.with(|counts| counts.as_ref().map(|counts| counts.open_incidents)));
    let pending = Signal::derive(move || counts.with(|counts| counts.as_ref().map(|counts| counts.pending_approvals)));
    view! {
        <nav class="navigation" aria-label="Main">
            <ul>
                <NavigationLink href="/incidents" label="Incidents" icon=IconName::Incidents count=open what="open" />
                <NavigationLink href="/approvals" label="Approvals" icon=IconName::Approvals count=pending what="pending" />
                <NavigationLink href="/alerts" label="Alerts" icon=IconName::Alerts count=Signal::stored(None) what="" />
                <NavigationLink href="/playbooks" label="Playbooks" icon=IconName::Playbooks count=Signal::stored(None) what="" />
                <NavigationLink href="/runs" label="Runs" icon=IconName::Runs count=Signal::stored(None) what="" />
                <NavigationLink href="/audit" label="Audit" icon=IconName::Audit count=Signal::stored(None) what="" />
                <NavigationLink href="/settings" label="Settings" icon=IconName::Settings count=Signal::stored(None) what="" />
            </ul>
        </nav>
    }
    .into_any()
}

#[component]
fn NavigationLink(
    href: &'static str,
    label: &'static str,
    icon: IconName,
    count: Signal<Option<u64>>,
    what: &'static str,
) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| path.starts_with(href)).then_some("page");
    let number = move || {
        count.get().filter(|count| *count > 0).map(|count| {
            view! { <span class="navigation-count">{count}<span class="heard-only">" "{what}</span></span> }
        })
    };
    view! {
        <li>
            <a href=href aria-current=current>
                <Icon name=icon />
                <span class="navigation-label">{label}</span>
                {number}
            </a>
        </li>
    }
    .into_any()
}
