//! One alert: what was read out of it beside the very bytes that were received, with their hash.

use api::alerts::{AlertDetail, RAW_TEXT_BYTES_MAX};
use api::{ApiError, ProblemCode};
use domain::id::AlertId;
use domain::visible::Place;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::components::age::FullTime;
use crate::components::copy_button::CopyButton;
use crate::components::digest_text::DigestText;
use crate::components::entity_list::EntityList;
use crate::components::error_page::ErrorPage;
use crate::components::field_table::FieldTable;
use crate::components::loaded::{Loaded, Scope};
use crate::components::quoted::Quoted;
use crate::live::Live;
use crate::server_fns::alerts::inspect_alert;
use crate::{alert_reading, defang, wording};

/// The alert that the address names.
#[component]
pub fn AlertPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|text| text.parse::<AlertId>().ok()));
    move || match id.get() {
        Some(id) => view! { <OneAlert id /> }.into_any(),
        None => view! { <ErrorPage error=ApiError::new(ProblemCode::NotFound, "that is not the id of an alert") /> }.into_any(),
    }
}

#[component]
fn OneAlert(id: AlertId) -> impl IntoView {
    let live = expect_context::<Live>();
    let alert = Resource::new(move || live.alert.get(), move |_| inspect_alert(id));
    let view = move |alert: Memo<AlertDetail>| move || alert.with(shown);
    view! { <div class="page"><Loaded resource=alert what="the alert" scope=Scope::Page view /></div> }.into_any()
}

fn shown(detail: &AlertDetail) -> AnyView {
    let alert = &detail.alert;
    let title = format!("{} {}", alert.id, alert.title);
    let observables = Signal::stored(alert.observables.clone());
    view! {
        <Title text=title />
        {head(detail)}
        <div class="alert-columns">
            <div class="stack">
                <FieldTable label="Read out of it" fields=alert_reading::normalised(&detail.normalised) />
                <EntityList containments=Vec::new() observables />
            </div>
            {raw(detail)}
        </div>
    }
    .into_any()
}

fn head(detail: &AlertDetail) -> AnyView {
    let alert = &detail.alert;
    let incident = alert.incident_id.map(|id| view! { " · taken by "<a href=format!("/incidents/{id}")>{id.to_string()}</a> });
    let sender = (alert.alert_id != alert.id.to_string())
        .then(|| view! { " · the sender calls it "<code><Quoted text=alert.alert_id.clone() /></code> });
    let again =
        (alert.duplicates > 0).then(|| format!(" · sent {} more", wording::count(alert.duplicates.into(), "time", "times")));
    view! {
        <header class="page-head">
            <div>
                <p class="mono faint">{alert.id.to_string()}</p>
                <h1><Quoted text=defang::text(&alert.title) /></h1>
                <p class="quiet">
                    "From "<b><Quoted text=alert.source.to_string() /></b>" · received "<FullTime at=alert.received_at />{incident}{sender}{again}
                </p>
            </div>
        </header>
    }
    .into_any()
}

/// Text only: whatever stands in it is neither followed nor run.
fn raw(detail: &AlertDetail) -> AnyView {
    let download = format!("/api/v1/alerts/{}/raw", detail.alert.id);
    let size = wording::count(detail.raw.size_bytes as u64, "byte", "bytes");
    let cut = (detail.raw.size_bytes > RAW_TEXT_BYTES_MAX).then_some("Only its beginning is shown; the download has all of it.");
    let broken = (!detail.raw.is_utf8).then_some("Some of it is no text and is shown as \u{fffd}.");
    let text = detail.raw.text.clone();
    view! {
        <section class="card stack raw-alert" aria-labelledby="raw">
            <div class="row between">
                <h2 id="raw">"As it was received"</h2>
                <span class="row">
                    <small>{size}</small>
                    <CopyButton text=Signal::stored(text.clone()) label="Copy raw alert" />
                    <a class="button" href=download download rel="external">"Download"</a>
                </span>
            </div>
            {cut.map(|cut| view! { <p class="quiet">{cut}</p> })}
            {broken.map(|broken| view! { <p class="quiet">{broken}</p> })}
            <pre tabindex="0" aria-label="Raw alert"><Quoted text place=Place::Lines /></pre>
            <p class="row"><span class="faint">"SHA-256 of the bytes"</span><DigestText digest=Signal::stored(detail.alert.raw_sha256) /></p>
        </section>
    }
    .into_any()
}
