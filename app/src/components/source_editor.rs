//! Where a playbook is typed: plain text with numbered lines; lines with a fault stand out.

use domain::playbook::PlaybookFault;
use leptos::prelude::*;

use crate::components::quoted::ShownAs;

/// The element that takes the text, for whoever wants to go to a line.
pub const EDITOR_ID: &str = "source";
/// The editor is at least this high, in lines.
const LINES_MIN: usize = 24;

/// The editor of `source`, as high as its text, so that only the page scrolls.
#[component]
pub fn SourceEditor(source: RwSignal<String>, #[prop(into)] faults: Signal<Vec<PlaybookFault>>) -> impl IntoView {
    let lines = Memo::new(move |_| source.with(|source| source.split('\n').count()));
    let numbers = move || {
        let faulty: Vec<usize> = faults.with(|faults| faults.iter().filter_map(|fault| fault.line).collect());
        let number = |line: usize| {
            let class = if faulty.contains(&line) { "faulty" } else { "" };
            view! { <span class=class>{line}</span> }
        };
        (1..=lines.get()).map(number).collect_view()
    };
    view! {
        <div class="source-editor">
            <div class="source-numbers" aria-hidden="true">{numbers}</div>
            <textarea
                id=EDITOR_ID
                aria-label="Playbook as YAML"
                aria-invalid=move || (!faults.with(Vec::is_empty)).to_string()
                spellcheck="false"
                autocomplete="off"
                wrap="off"
                rows=move || lines.get().max(LINES_MIN)
                prop:value=move || source.get()
                on:input=move |event| source.set(event_target_value(&event))
            ></textarea>
        </div>
        <ShownAs typed=source />
    }
    .into_any()
}
