//! One step of a run: where it stands, what went in, what came out.

use domain::run::{Step, StepStatus};
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::components::json_text::JsonText;
use crate::components::quoted::Quoted;
use crate::components::simulated_banner::SIMULATED;
use crate::components::status_mark::StatusMark;
use crate::time_text;

/// The step. `resolve` makes the form for an unknown outcome.
#[component]
pub fn RunStep(step: Memo<Option<Step>>, resolve: Callback<(), AnyView>) -> impl IntoView {
    let read = move |read: fn(&Step) -> String| move || step.with(|step| step.as_ref().map(read));
    let status = Memo::new(move |_| step.with(|step| step.as_ref().map_or(StepStatus::Pending, |step| step.status)));
    let word = Signal::derive(move || status.get().as_str());
    let connector = Memo::new(move |_| step.with(|step| step.as_ref().map(|step| step.connector.clone())));
    let badge = move || {
        connector.get().map(|connector| {
            let class = if connector == SIMULATED { "plan-badge simulated" } else { "plan-badge" };
            view! { <span class=class><Quoted text=connector /></span> }
        })
    };
    let error = move || {
        step.with(|step| step.as_ref()?.error.clone()).map(|error| view! { <p class="run-error"><Quoted text=error /></p> })
    };
    let started_at = Memo::new(move |_| step.with(|step| step.as_ref().and_then(|step| step.started_at)));
    let started = move || started_at.get().map(|at| view! { <TimeOfDay at />" " });
    let unknown = move || (status.get() == StepStatus::Unknown).then(|| resolve.run(()));
    let details = Memo::new(move |_| step.with(|step| step.as_ref().map(|step| (step.input.clone(), step.output.clone()))));
    let details = move || {
        details.get().map(|(input, output)| {
            view! {
                {input.map(|json| view! { <JsonText label="Input" json /> })}
                {output.map(|json| view! { <JsonText label="Output" json /> })}
            }
        })
    };
    view! {
        <li class=move || format!("run-step {}", status.get()) data-step=read(|step| step.id.to_string())>
            <div class="run-step-head">
                <b>{read(|step| step.action.manifest().title.to_owned())}</b>
                <small class="mono">{read(|step| step.id.to_string())}</small>
                {badge}
                <span class="run-step-took faint">{started}{read(took)}</span>
                <StatusMark word label=word />
            </div>
            {error}
            <div class="run-step-details">{details}</div>
            {unknown}
        </li>
    }
    .into_any()
}

fn took(step: &Step) -> String {
    let took = step.started_at.zip(step.finished_at).map(|(from, to)| time_text::duration(to.since_ms(from)));
    let attempts = (step.attempts > 1).then(|| format!("{} attempts", step.attempts));
    [took, attempts].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
