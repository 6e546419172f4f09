//! What is known about an incident, besides why it scored so.

use api::incidents::IncidentDetail;
use domain::timestamp::Timestamp;
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::quoted::Quoted;
use crate::components::verdict_mark::VerdictMark;
use crate::wording;

/// Facts as terms and values.
#[component]
pub fn FactList(
    #[prop(into)] detail: Signal<IncidentDetail>,
    #[prop(into)] may_edit: Signal<bool>,
    set_verdict: Callback<()>,
) -> impl IntoView {
    let set = move || {
        may_edit
            .get()
            .then(|| view! { <button type="button" class="bar-button" on:click=move |_| set_verdict.run(())>"Set"</button> })
    };
    let verdict = Signal::derive(move || detail.with(|detail| detail.incident.verdict));
    let created_at = Signal::derive(move || detail.with(|detail| detail.incident.created_at));
    let text = move |read: fn(&IncidentDetail) -> String| move || detail.with(read);
    let time = move |read: fn(&IncidentDetail) -> Option<Timestamp>| {
        move || detail.with(read).map_or_else(|| "not yet".into_any(), |at| view! { <Ago at /> }.into_any())
    };
    view! {
        <section class="card fact-list" aria-labelledby="facts">
            <h2 id="facts">"Facts"</h2>
            <dl>
                <dt>"Type"</dt><dd>{text(|detail| detail.incident.incident_type.to_string())}</dd>
                <dt>"Verdict"</dt><dd><VerdictMark verdict />{set}</dd>
                <dt>"Source"</dt><dd>{move || view! { <Quoted text=detail.with(sources) /> }}</dd>
                <dt>"Alerts"</dt><dd>{text(alerts)}</dd>
                <dt>"Created"</dt><dd><Ago at=created_at /></dd>
                <dt>"Acknowledged"</dt><dd>{time(|detail| detail.incident.acknowledged_at)}</dd>
                <dt>"Contained"</dt><dd>{time(|detail| detail.incident.contained_at)}</dd>
            </dl>
            {move || detail.with(reasons)}
        </section>
    }
    .into_any()
}

fn sources(detail: &IncidentDetail) -> String {
    let mut names: Vec<String> = detail.alerts.iter().map(|alert| alert.source.to_string()).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

fn alerts(detail: &IncidentDetail) -> String {
    let duplicates: u64 = detail.alerts.iter().map(|alert| u64::from(alert.duplicates)).sum();
    let alerts = detail.incident.alert_count.to_string();
    if duplicates == 0 { alerts } else { format!("{alerts}, and {}", wording::count(duplicates, "duplicate", "duplicates")) }
}

fn reasons(detail: &IncidentDetail) -> Option<impl IntoView + use<>> {
    let reasons = &detail.incident.verdict_reasons;
    let row = |reason: &domain::verdict::VerdictReason| view! { <li><Quoted text=reason.detail.clone() place=Place::Lines />" " <small>{wording::points(reason.points)}</small></li> };
    (!reasons.is_empty()).then(|| view! { <h3>"Why this verdict"</h3><ul>{reasons.iter().map(row).collect_view()}</ul> })
}
