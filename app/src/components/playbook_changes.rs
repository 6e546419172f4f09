//! How two versions of a playbook differ: what it means first, then the lines.

use api::playbooks::PlaybookComparison;
use domain::playbook::{LineChange, PlaybookChange, PlaybookChangeKind};
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::digest_text::DigestStart;
use crate::components::quoted::Quoted;
use crate::line_hunks::{self, Row};
use crate::wording;

/// The differences.
#[component]
pub fn PlaybookChanges(comparison: PlaybookComparison) -> impl IntoView {
    let PlaybookComparison { from, to, changes, lines } = comparison;
    let nothing = changes.is_empty().then_some("They say the same: only layout or comments differ, if anything.");
    view! {
        <section class="card stack playbook-changes" aria-labelledby="changes">
            <h2 id="changes">"From "<DigestStart digest=Signal::stored(from) />" to "<DigestStart digest=Signal::stored(to) /></h2>
            {nothing.map(|words| view! { <p class="quiet">{words}</p> })}
            <ul class="change-list">{changes.iter().map(change).collect_view()}</ul>
            <table class="line-table">
                <caption class="heard-only">"The two texts, line by line"</caption>
                <tbody>{line_hunks::rows(&lines).into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn change(change: &PlaybookChange) -> AnyView {
    let (class, word) = match change.kind {
        PlaybookChangeKind::Added => ("added", "added"),
        PlaybookChangeKind::Removed => ("removed", "removed"),
        PlaybookChangeKind::Changed => ("changed", "changed"),
        PlaybookChangeKind::Moved => ("moved", "moved"),
    };
    let part = change.part.as_ref().map(|part| view! { " "<code><Quoted text=part.clone() /></code> });
    let before = change.before.as_ref().map(|before| view! { <del><Quoted text=before.clone() place=Place::Lines /></del>" " });
    let after = change.after.as_ref().map(|after| view! { <ins><Quoted text=after.clone() place=Place::Lines /></ins> });
    view! {
        <li class=class>
            <span class="change-kind">{word}</span>
            <span><b><Quoted text=change.subject.clone() /></b>{part}</span>
            <span class="change-values mono">{before}{after}</span>
        </li>
    }
    .into_any()
}

fn row(row: Row) -> AnyView {
    match row {
        Row::Same(count) => {
            let words = wording::count(count as u64, "line stays", "lines stay");
            view! { <tr class="same-lines"><td colspan="4">{words}" the same"</td></tr> }.into_any()
        }
        Row::Line { change, before, after, text } => {
            let (class, sign, word) = match change {
                LineChange::Same => ("", " ", ""),
                LineChange::Added => ("added", "+", "added: "),
                LineChange::Removed => ("removed", "\u{2212}", "removed: "),
            };
            view! {
                <tr class=class>
                    <td class="line-number">{before}</td>
                    <td class="line-number">{after}</td>
                    <td class="line-sign" aria-hidden="true">{sign}</td>
                    <td class="line-text"><span class="heard-only">{word}</span><Quoted text place=Place::Lines /></td>
                </tr>
            }
            .into_any()
        }
    }
}
