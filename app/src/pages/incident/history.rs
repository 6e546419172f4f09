//! What happened to an incident: as a story, and as entries of the audit log.

use api::PageRequest;
use api::audit::{AuditFilter, AuditOrder, AuditQuery};
use api::incidents::IncidentDetail;
use api::page::PAGE_LIMIT_MAX;
use domain::id::IncidentId;
use leptos::prelude::*;

use crate::asked::asked;
use crate::components::audit_table::AuditTable;
use crate::components::loaded::LoadedPart;
use crate::components::timeline::Timeline;
use crate::live::Live;
use crate::server_fns::audit::list_audit_entries;

/// The story.
#[component]
pub fn TimelineSection(detail: Memo<IncidentDetail>) -> impl IntoView {
    let items = Signal::derive(move || detail.with(|detail| detail.timeline.clone()));
    view! { <section class="card stack" aria-labelledby="timeline"><h2 id="timeline">"Timeline"</h2><Timeline items /></section> }
        .into_any()
}

/// The entries that concern this incident.
#[component]
pub fn AuditSection(id: IncidentId) -> impl IntoView {
    let changes = expect_context::<Live>().watch(id);
    let entries = asked(
        move || changes.get(),
        move |_| {
            let page = PageRequest { limit: PAGE_LIMIT_MAX, cursor: None };
            list_audit_entries(AuditQuery {
                filter: AuditFilter { incident_id: Some(id), ..AuditFilter::default() },
                order: AuditOrder::NewestFirst,
                page,
            })
        },
    );
    view! {
        <div class="stack">
            <h2>"Audit"</h2>
            <LoadedPart answer=entries what="audit entries" view=|page| {
                view! { <AuditTable entries=Signal::derive(move || page.with(|page| page.items.clone())) /> }
            } />
        </div>
    }
    .into_any()
}
