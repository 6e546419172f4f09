//! The alerts behind an incident, each with the way to its bytes as they were received.

use domain::alert::Alert;
use leptos::prelude::*;

use crate::components::age::FullTime;
use crate::components::quoted::Quoted;
use crate::defang;

/// The newest alerts.
#[component]
pub fn AlertList(#[prop(into)] alerts: Signal<Vec<Alert>>) -> impl IntoView {
    view! {
        <section class="card alert-list" aria-labelledby="alerts">
            <h2 id="alerts">"Alerts"</h2>
            <ul>{move || alerts.with(|alerts| alerts.iter().map(row).collect_view())}</ul>
        </section>
    }
    .into_any()
}

fn row(alert: &Alert) -> impl IntoView + use<> {
    let severity = alert.source_severity.map(|severity| format!(" · the sender says {}", severity.label()));
    let raw = format!("/api/v1/alerts/{}/raw", alert.id);
    view! {
        <li>
            <p><b><Quoted text=defang::text(&alert.title) /></b></p>
            <p class="quiet">
                <a class="mono" href=format!("/alerts/{}", alert.id)>{alert.id.to_string()}</a>" from "<b><Quoted text=alert.source.to_string() /></b>{severity}" · received "<FullTime at=alert.received_at />
            </p>
            <p class="faint">
                <a href=raw download rel="external">"Download raw alert"</a>" SHA-256 "<code>{alert.raw_sha256.to_string()}</code>
            </p>
        </li>
    }
}
