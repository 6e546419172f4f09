//! The files kept with an incident. They are given back as downloads, and never shown.

use domain::evidence::Evidence;
use leptos::prelude::*;

use crate::components::age::FullTime;
use crate::components::copy_button::CopyButton;
use crate::components::empty_state::EmptyState;
use crate::components::quoted::{Quoted, line};
use crate::wording;

/// The newest first.
#[component]
pub fn EvidenceTable(#[prop(into)] files: Signal<Vec<Evidence>>) -> impl IntoView {
    let empty = Memo::new(move |_| files.with(Vec::is_empty));
    move || {
        if empty.get() {
            return view! {
                <EmptyState title="No files yet"><p class="quiet">"A mail, a memory image, a packet capture: what somebody may have to show later belongs here."</p></EmptyState>
            }
            .into_any();
        }
        view! {
            <table class="evidence-table table">
                <caption class="heard-only">"Files"</caption>
                <thead><tr><th scope="col">"File"</th><th scope="col" class="numbers">"Size"</th><th scope="col">"SHA-256"</th><th scope="col">"Kept by"</th><th scope="col">"When"</th></tr></thead>
                <tbody>{move || files.with(|files| files.iter().map(row).collect_view())}</tbody>
            </table>
        }
        .into_any()
    }
}

fn row(file: &Evidence) -> AnyView {
    let digest = file.sha256.to_string();
    let by = file.added_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone());
    let run = file.run_id.map(|id| view! { " in "<a class="mono" href=format!("/runs/{id}")>{id.to_string()}</a> });
    let exactly = format!("{} bytes", file.size);
    view! {
        <tr>
            <td class="cell-file">
                <b><Quoted text=file.name.clone() /></b>
                <a href=format!("/api/v1/evidence/{}", file.id) download rel="external" aria-label=format!("Download {}", line(&file.name))>"Download"</a>
                <small class="mono">{file.id.to_string()}</small>
            </td>
            <td class="cell-size numbers" title=exactly>{wording::bytes(file.size)}</td>
            <td class="cell-digest"><code>{digest.clone()}</code><CopyButton text=Signal::stored(digest) label="Copy SHA-256" /></td>
            <td class="cell-by"><Quoted text=by />{run}</td>
            <td class="cell-when"><FullTime at=file.added_at /></td>
        </tr>
    }
    .into_any()
}
