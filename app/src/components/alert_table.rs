//! Alerts as rows: from whom, of which type, what it says, and which incident took it.

use domain::alert::Alert;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::quoted::Quoted;
use crate::components::severity_mark::SeverityMark;
use crate::{defang, wording};

/// The alerts in the order given.
#[component]
pub fn AlertTable(#[prop(into)] alerts: Signal<Vec<Alert>>) -> impl IntoView {
    view! {
        <table class="alert-table table">
            <caption class="heard-only">"Alerts"</caption>
            <thead>
                <tr>
                    <th scope="col">"Alert"</th>
                    <th scope="col">"Source"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Type"</th>
                    <th scope="col">"Sender says"</th>
                    <th scope="col">"Incident"</th>
                    <th scope="col">"Received"</th>
                    <th scope="col" class="numbers">"Sent again"</th>
                </tr>
            </thead>
            <tbody><For each=move || alerts.get() key=|alert| (alert.id, alert.duplicates, alert.incident_id) children=|alert| row(&alert) /></tbody>
        </table>
    }
    .into_any()
}

fn row(alert: &Alert) -> AnyView {
    let incident = alert.incident_id.map(|id| view! { <a class="mono" href=format!("/incidents/{id}")>{id.to_string()}</a> });
    let severity = alert.source_severity.map_or_else(
        || view! { <span class="faint">"nothing"</span> }.into_any(),
        |severity| view! { <SeverityMark severity /> }.into_any(),
    );
    let again = (alert.duplicates > 0).then(|| wording::count(alert.duplicates.into(), "time", "times"));
    view! {
        <tr>
            <td class="cell-alert"><a class="mono" href=format!("/alerts/{}", alert.id)>{alert.id.to_string()}</a></td>
            <td class="cell-source"><Quoted text=alert.source.to_string() /></td>
            <td class="cell-what"><Quoted text=defang::text(&alert.title) /></td>
            <td class="cell-type"><code>{alert.incident_type.to_string()}</code></td>
            <td class="cell-severity">{severity}</td>
            <td class="cell-incident">{incident}</td>
            <td class="cell-received"><Ago at=alert.received_at /></td>
            <td class="cell-again numbers">{again}</td>
        </tr>
    }
    .into_any()
}
