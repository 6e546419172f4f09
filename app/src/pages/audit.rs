//! The audit log: the newest entries as they come, and the way back to the oldest.

mod verifying;

use api::PageRequest;
use api::audit::{AuditEntryView, AuditFilter, AuditOrder, AuditQuery};
use domain::access::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use self::verifying::Verifying;
use crate::asked::asked;
use crate::audit_address;
use crate::components::audit_filter::AuditFilterForm;
use crate::components::audit_table::AuditTable;
use crate::components::empty_state::EmptyState;
use crate::components::icon::{Icon, IconName};
use crate::components::loaded::{Loaded, LoadedPart, Scope};
use crate::components::log_keys::LogKeys;
use crate::components::log_verdict::{Finding, LogVerdict};
use crate::components::page_links::PageLinks;
use crate::live::Live;
use crate::server_fns::audit::{get_audit_checkpoint, list_audit_entries};
use crate::viewer::Viewer;

/// Entries that the person may see, the newest first.
#[component]
pub fn AuditPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let filter = Memo::new(move |_| query.with(|query| audit_address::parse(|name| query.get(name))));
    let navigate = use_navigate();
    let apply = Callback::new(move |filter| navigate(&audit_address::address(&filter), NavigateOptions::default()));
    // While paused, the count at which it was: the list is not loaded again.
    let paused = RwSignal::new(None::<u64>);
    let counter = Memo::new(move |_| paused.get().unwrap_or_else(|| live.audit.get()));
    let entries = Resource::new(
        move || (filter.get(), cursor.get(), counter.get()),
        |(filter, cursor, _)| {
            let page = PageRequest { cursor, ..PageRequest::default() };
            list_audit_entries(AuditQuery { filter, order: AuditOrder::NewestFirst, page })
        },
    );
    let newer = move || paused.get().is_some_and(|at| live.audit.get() > at);
    view! {
        <Title text="Audit" />
        <div class="page">
            <div class="page-head">
                <div><h1>"Audit"</h1><p class="quiet">"Every change, in the order it happened. Entries are only ever added."</p></div>
                <div class="row">
                {download("CSV", "csv", filter)}{download("NDJSON", "ndjson", filter)}
                <PauseButton paused=Signal::derive(move || paused.get().is_some()) toggle=Callback::new(move |()| {
                    paused.update(|paused| *paused = if paused.is_some() { None } else { Some(live.audit.get_untracked()) });
                }) />
                </div>
            </div>
            <AuditFilterForm filter apply />
            <p class="status-line quiet" role="status">{move || newer().then_some("Paused. Newer entries wait: resume to see them.")}</p>
            <Loaded resource=entries what="audit entries" scope=Scope::Page view=move |page| {
                let items = Signal::derive(move || page.with(|page| page.items.clone()));
                let next_cursor = Signal::derive(move || page.with(|page| page.next_cursor.clone()));
                let nothing = move || items.with(Vec::is_empty).then(|| view! { <EmptyState title="No entry passes these filters"><p><a class="button" href="/audit">"Show all"</a></p></EmptyState> });
                let base = Signal::derive(move || filter.with(audit_address::address));
                view! { <Verified items />{nothing}<PageLinks base cursor next_cursor /> }
            } />
            <Keys />
        </div>
    }
    .into_any()
}

/// The entries, and what this browser finds when it checks them.
#[component]
fn Verified(items: Signal<Vec<AuditEntryView>>) -> impl IntoView {
    let verifying = Verifying::new();
    let verify = Callback::new(move |()| verifying.begin(items.get_untracked()));
    let forget = Callback::new(move |()| verifying.forget());
    let trust = Callback::new(move |()| verifying.trust());
    let marks = Signal::derive(move || verifying.finding.with(Finding::marks));
    let card = move || {
        (!items.with(Vec::is_empty))
            .then(|| view! { <LogVerdict finding=verifying.finding busy=verifying.busy() verify forget trust /> })
    };
    view! { {card}<AuditTable entries=items marks /> }.into_any()
}

#[component]
fn Keys() -> impl IntoView {
    let opened = RwSignal::new(false);
    let open = move |_| opened.set(true);
    let head = move || opened.get().then(|| view! { <Head /> });
    view! {
        <details class="card audit-keys" on:toggle=open>
            <summary>"Verifier keys, signed head and export"</summary>
            {head}
        </details>
    }
    .into_any()
}

#[component]
fn Head() -> impl IntoView {
    let viewer = Viewer::here();
    let may_export = Signal::derive(move || viewer.may(Permission::ReadWholeAudit));
    let head = asked(|| (), |()| get_audit_checkpoint());
    view! { <LoadedPart answer=head what="the signed head" view=move |head| view! { <LogKeys head may_export /> } /> }.into_any()
}

/// All entries that pass the filter, also those on other pages.
fn download(label: &'static str, format: &'static str, filter: Memo<AuditFilter>) -> AnyView {
    let href = move || filter.with(|filter| audit_address::download(filter, format));
    view! { <a class="button" href=href download rel="external"><span class="heard-only">"Download as "</span>{label}</a> }
        .into_any()
}

#[component]
fn PauseButton(paused: Signal<bool>, toggle: Callback<()>) -> impl IntoView {
    let icon = move || {
        if paused.get() {
            view! { <Icon name=IconName::Play /> }
        } else {
            view! { <Icon name=IconName::Pause /> }
        }
    };
    view! {
        <button type="button" class="button" on:click=move |_| toggle.run(())>
            {icon}{move || if paused.get() { "Resume live tail" } else { "Pause live tail" }}
        </button>
    }
    .into_any()
}
