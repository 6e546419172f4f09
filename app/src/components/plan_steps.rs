//! A plan's steps as numbered rows: what is done, to whom, by what, and how bad it could be.

use leptos::prelude::*;

use crate::components::quoted::Quoted;
use crate::plan_rows::{Badge, Parameter, PlanRow};

/// The rows in order.
#[component]
pub fn PlanSteps(rows: Vec<PlanRow>) -> impl IntoView {
    view! { <ol class="plan-steps">{rows.into_iter().map(step).collect_view()}</ol> }.into_any()
}

fn step(row: PlanRow) -> impl IntoView {
    let class = if row.badges.contains(&Badge::Skipped) { "plan-step skipped" } else { "plan-step" };
    view! {
        <li class=class>
            <span class="plan-number mono">{row.number}</span>
            <div class="plan-what">
                <b><Quoted text=row.title /></b>
                <small class="mono"><Quoted text=row.step /></small>
            </div>
            <div class="plan-with">
                {row.parameters.into_iter().map(parameter).collect_view()}
                {row.when.map(|when| view! { <p class="faint">"only if "<code><Quoted text=when /></code></p> })}
                {(!row.terms.is_empty()).then(|| view! { <p class="faint"><Quoted text=row.terms.join("; ") /></p> })}
                <p class="faint"><Quoted text=carried_out(row.connector, row.undo) /></p>
            </div>
            <div class="plan-badges">{row.badges.into_iter().map(badge).collect_view()}</div>
        </li>
    }
}

/// By which connector, if one is chosen already, and what takes it back.
fn carried_out(connector: String, undo: Option<String>) -> String {
    let connector = (!connector.is_empty()).then(|| format!("by {connector}"));
    [connector, undo.map(|undo| format!("undo: {undo}"))].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn parameter(parameter: Parameter) -> impl IntoView {
    let class = if parameter.target { "plan-parameter target" } else { "plan-parameter" };
    view! {
        <p class=class>
            <span class="faint"><Quoted text=parameter.name /></span>" "<code><Quoted text=parameter.value /></code>
            {parameter.late.then(|| view! { <small>" known only during the run"</small> })}
        </p>
    }
}

fn badge(badge: Badge) -> impl IntoView {
    let (class, words) = match badge {
        Badge::Destructive => ("plan-badge destructive", "destructive"),
        Badge::NotDestructive => ("plan-badge harmless", "not destructive"),
        Badge::CustomerImpact => ("plan-badge destructive", "customers may notice"),
        Badge::ReadsOnly => ("plan-badge harmless", "reads only"),
        Badge::Simulated => ("plan-badge simulated", "simulated"),
        Badge::Skipped => ("plan-badge quiet", "will be skipped"),
        Badge::Gate => ("plan-badge gate", "own approval"),
    };
    view! { <span class=class>{words}</span> }
}
