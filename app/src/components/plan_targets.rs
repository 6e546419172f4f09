//! What a plan touches, and how each of it can be taken back.

use leptos::prelude::*;

use crate::plan_rows::{self, Badge, PlanRow};

/// Each target once, with what is done to it.
#[component]
pub fn PlanTargets(rows: Vec<PlanRow>) -> impl IntoView {
    let targets = plan_rows::targets(&rows);
    let destructive = rows.iter().filter(|row| row.badges.contains(&Badge::Destructive)).count();
    let undo: Vec<String> = rows.iter().filter_map(|row| row.undo.clone()).collect();
    let undo = if undo.is_empty() { "nothing here can be taken back".to_owned() } else { undo.join(", ") };
    let row = |(target, titles): (plan_rows::Parameter, Vec<String>)| {
        view! { <dt><span class="faint">{target.name}</span>" "<code>{target.value}</code></dt><dd>{titles.join(", ")}</dd> }
    };
    view! {
        <section class="card plan-targets" aria-labelledby="touches">
            <h2 id="touches">"What it touches"</h2>
            <dl>
                {targets.into_iter().map(row).collect_view()}
                <dt>"Destructive steps"</dt><dd>{destructive}</dd>
                <dt>"Undo"</dt><dd>{undo}</dd>
            </dl>
        </section>
    }
    .into_any()
}
