//! How the parts of the server are.

use api::health::{Check, HealthReport, HealthStatus};
use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;

/// The whole, and a row for each part.
#[component]
pub fn HealthList(#[prop(into)] report: Signal<HealthReport>) -> impl IntoView {
    let whole = Signal::derive(move || word(report.with(|report| report.status)));
    view! {
        <section class="health-list card">
            <p class="row"><b>"Countersign "{move || report.with(|report| report.version.clone())}</b><StatusMark word=whole label=whole /></p>
            <dl>
                <Part name="Database" check=Signal::derive(move || report.with(|report| report.checks.database.clone())) />
                <Part name="Worker" check=Signal::derive(move || report.with(|report| report.checks.worker.clone())) />
                <Part name="Audit log" check=Signal::derive(move || report.with(|report| report.checks.audit.clone())) />
                <Part name="Playbooks" check=Signal::derive(move || report.with(|report| report.checks.playbooks.clone())) />
            </dl>
        </section>
    }
    .into_any()
}

#[component]
fn Part(name: &'static str, check: Signal<Check>) -> impl IntoView {
    let status = Signal::derive(move || word(check.with(|check| check.status)));
    view! { <dt>{name}</dt><dd><StatusMark word=status label=status /><span>{move || view! { <Quoted text=check.with(|check| check.detail.clone()) /> }}</span></dd> }.into_any()
}

/// The word that the mark's tone is made from is also what people read.
const fn word(status: HealthStatus) -> &'static str {
    match status {
        HealthStatus::Ok => "ok",
        HealthStatus::Degraded => "degraded",
        HealthStatus::Down => "down",
    }
}
