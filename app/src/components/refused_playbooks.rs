//! Playbooks that are not in force because of what is wrong with them: where, and why.

use api::playbooks::RefusedPlaybook;
use domain::playbook::PlaybookFault;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;
use crate::components::source_text::in_words;
use crate::wording;

/// The files with their faults; nothing where there is none.
#[component]
pub fn RefusedPlaybooks(#[prop(into)] refused: Signal<Vec<RefusedPlaybook>>) -> impl IntoView {
    let empty = Memo::new(move |_| refused.with(Vec::is_empty));
    let count = move || refused.with(|refused| wording::count(refused.len() as u64, "file is", "files are"));
    let files = move || refused.with(|refused| refused.iter().map(file).collect_view());
    move || {
        (!empty.get()).then(|| {
            view! {
                <section class="refused-playbooks card stack" aria-labelledby="refused">
                    <h2 id="refused"><Icon name=IconName::Warning />{count}" refused"</h2>
                    <p class="quiet">"What was read before stays in force. A file that is mended is read again by itself."</p>
                    <ul>{files}</ul>
                </section>
            }
        })
    }
}

fn file(refused: &RefusedPlaybook) -> AnyView {
    let faults = refused.faults.iter().map(fault).collect_view();
    view! { <li><b class="mono"><Quoted text=refused.file.clone() /></b><ul>{faults}</ul></li> }.into_any()
}

fn fault(fault: &PlaybookFault) -> AnyView {
    let place = fault.line.map(|line| format!("line {line}, column {}", fault.column.unwrap_or(1)));
    let pointer =
        (!fault.pointer.is_empty()).then(|| view! { " "<code class="faint"><Quoted text=fault.pointer.clone() /></code> });
    view! { <li><span class="refused-place mono">{place.unwrap_or_else(|| "the whole file".to_owned())}</span>" "<Quoted text=in_words(fault) />{pointer}</li> }
        .into_any()
}
