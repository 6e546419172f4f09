//! Why an incident has its score: rows that one can add up.

use api::incidents::IncidentView;
use domain::score::{Factor, ScoreRow};
use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::wording;

/// The rows and their sum.
#[component]
pub fn ScoreExplanation(#[prop(into)] incident: Signal<IncidentView>) -> impl IntoView {
    let rows = move || incident.with(|incident| incident.score.iter().map(row).collect_view());
    let sum = move || incident.with(|incident| incident.risk_score);
    let severity = move || incident.with(|incident| format!("severity {} {}", incident.severity, incident.severity.label()));
    view! {
        <section class="card score-explanation" aria-labelledby="why">
            <h2 id="why">"Why this incident?"</h2>
            <table>
                <thead class="heard-only"><tr><th scope="col">"Factor"</th><th scope="col">"Points"</th></tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr><th scope="row">"Risk score " <small>{severity}</small></th><td class="numbers">{sum}</td></tr></tfoot>
            </table>
        </section>
    }
    .into_any()
}

fn row(row: &ScoreRow) -> impl IntoView + use<> {
    let points = if row.factor == Factor::Base { row.points.to_string() } else { wording::points(row.points) };
    view! {
        <tr><th scope="row">{wording::factor(row.factor)}" " <small><Quoted text=row.detail.clone() /></small></th><td class="numbers">{points}</td></tr>
    }
}
