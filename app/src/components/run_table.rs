//! Runs as rows, each the way to its page.

use domain::plan::RunMode;
use domain::run::{Run, StepStatus};
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;
use crate::{time_text, wording};

/// The runs in the order given.
#[component]
pub fn RunTable(#[prop(into)] runs: Signal<Vec<Run>>) -> impl IntoView {
    view! {
        <table class="run-table table">
            <caption class="heard-only">"Runs"</caption>
            <thead>
                <tr>
                    <th scope="col">"Run"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Playbook"</th>
                    <th scope="col">"Incident"</th>
                    <th scope="col">"Steps"</th>
                    <th scope="col">"Asked for by"</th>
                    <th scope="col">"When"</th>
                    <th scope="col" class="numbers">"Took"</th>
                </tr>
            </thead>
            <tbody>{move || runs.with(|runs| runs.iter().map(row).collect_view())}</tbody>
        </table>
    }
    .into_any()
}

fn row(run: &Run) -> AnyView {
    let word = run.status.as_str();
    let label = wording::run_status_short(run.status);
    let took = run.started_at.zip(run.finished_at).map(|(from, to)| time_text::duration(to.since_ms(from)));
    let asker = run.requested_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone());
    view! {
        <tr>
            <td class="cell-run"><a class="mono" href=format!("/runs/{}", run.id)>{run.id.to_string()}</a></td>
            <td class="cell-status">
                <StatusMark word label />
                {(run.mode == RunMode::DryRun).then(|| view! { " "<span class="plan-badge simulated">"dry run"</span> })}
            </td>
            <td class="cell-playbook"><a href=format!("/playbooks/{}", run.playbook_id)>{run.playbook_id.to_string()}</a></td>
            <td class="cell-incident"><a class="mono" href=format!("/incidents/{}", run.incident_id)>{run.incident_id.to_string()}</a></td>
            <td class="cell-steps">{progress(run)}</td>
            <td class="cell-asker"><Quoted text=asker /></td>
            <td class="cell-when"><Ago at=run.requested_at /></td>
            <td class="cell-took numbers">{took}</td>
        </tr>
    }
    .into_any()
}

/// "3 of 4", with what needs an eye.
fn progress(run: &Run) -> String {
    let with = |status: StepStatus| run.steps.iter().filter(|step| step.status == status).count();
    let over = with(StepStatus::Succeeded) + with(StepStatus::Skipped);
    let trouble = [(StepStatus::Failed, "failed"), (StepStatus::Unknown, "unknown"), (StepStatus::Undone, "undone")];
    let trouble =
        trouble.into_iter().filter(|(status, _)| with(*status) > 0).map(|(status, word)| format!("{} {word}", with(status)));
    [format!("{over} of {}", run.steps.len())].into_iter().chain(trouble).collect::<Vec<_>>().join(", ")
}
