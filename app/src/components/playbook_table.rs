//! The playbooks in force as rows: what they are for, when they ask for a signature, how they did.

use api::playbooks::PlaybookView;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::quoted::Quoted;
use crate::components::status_mark::StatusMark;
use crate::{playbook_words, wording};

/// The playbooks in the order given.
#[component]
pub fn PlaybookTable(#[prop(into)] playbooks: Signal<Vec<PlaybookView>>) -> impl IntoView {
    view! {
        <table class="playbook-table table">
            <caption class="heard-only">"Playbooks in force"</caption>
            <thead>
                <tr>
                    <th scope="col">"Playbook"</th>
                    <th scope="col">"For"</th>
                    <th scope="col">"Asks for a signature if"</th>
                    <th scope="col" class="numbers">"Priority"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"Last run"</th>
                    <th scope="col">"Success"</th>
                </tr>
            </thead>
            <tbody>{move || playbooks.with(|playbooks| playbooks.iter().map(row).collect_view())}</tbody>
        </table>
    }
    .into_any()
}

fn row(playbook: &PlaybookView) -> AnyView {
    let types = playbook.incident_types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let alone = playbook.starts_by_itself.then(|| view! { " "<span class="plan-badge gate">"starts by itself"</span> });
    view! {
        <tr>
            <td class="cell-name">
                <a href=format!("/playbooks/{}", playbook.id)><Quoted text=playbook.name.clone() /></a>{alone}
                <small class="mono">{playbook.id.to_string()}</small>
            </td>
            <td class="cell-types"><code>{types}</code></td>
            <td class="cell-rules">{rules(playbook)}</td>
            <td class="cell-priority numbers">{playbook.priority}</td>
            <td class="cell-origin">{playbook_words::origin(playbook.origin)}</td>
            <td class="cell-last">{last_run(playbook)}</td>
            <td class="cell-success">{success(playbook)}</td>
        </tr>
    }
    .into_any()
}

fn rules(playbook: &PlaybookView) -> AnyView {
    let rules = playbook_words::approval_rules(&playbook.document);
    if rules.is_empty() {
        return view! { <span class="quiet">"never: it runs directly"</span> }.into_any();
    }
    view! { <span><Quoted text=rules.join("; ") /></span> }.into_any()
}

fn last_run(playbook: &PlaybookView) -> AnyView {
    let Some(run) = &playbook.record.last_run else { return view! { <span class="faint">"never"</span> }.into_any() };
    let (word, label) = (run.status.as_str(), wording::run_status_short(run.status));
    view! { <a href=format!("/runs/{}", run.id) class="row"><StatusMark word label /><Ago at=run.requested_at /></a> }.into_any()
}

fn success(playbook: &PlaybookView) -> AnyView {
    let record = &playbook.record;
    let Some(percent) = record.success_percent() else {
        return view! { <span class="faint">"no run has ended"</span> }.into_any();
    };
    let ended = record.succeeded + record.failed;
    view! { <span><b>{percent}" %"</b>" "<small>{format!("{} of {ended}", record.succeeded)}</small></span> }.into_any()
}
