//! The text of a playbook with numbered lines, and what is wrong with a line right below it.

use domain::playbook::PlaybookFault;
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::quoted::Quoted;

/// The lines; `label` names the text for those who cannot see where it stands.
#[component]
pub fn SourceText(label: &'static str, source: String, faults: Vec<PlaybookFault>) -> impl IntoView {
    let line = |(index, text): (usize, &str)| {
        let found: Vec<AnyView> = faults.iter().filter(|fault| fault.line == Some(index + 1)).map(note).collect();
        let class = if found.is_empty() { "source-line" } else { "source-line faulty" };
        view! { <span class=class data-number=index + 1><Quoted text place=Place::Lines />"\n"</span>{found} }
    };
    let lines = source.lines().enumerate().map(line).collect_view();
    view! { <pre class="source-text" tabindex="0" aria-label=label>{lines}</pre> }.into_any()
}

/// What is wrong in one sentence: what was found, what was expected.
pub fn in_words(fault: &PlaybookFault) -> String {
    let expected = fault.expected.as_ref().map(|expected| format!("expected {expected}"));
    let meant = fault.did_you_mean.as_ref().map(|name| format!("did you mean {name}?"));
    [Some(fault.detail.clone()), expected, meant].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn note(fault: &PlaybookFault) -> AnyView {
    let column = fault.column.map(|column| format!("column {column}: "));
    view! { <span class="source-note">{column}<Quoted text=in_words(fault) />"\n"</span> }.into_any()
}
