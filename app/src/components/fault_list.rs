//! What is wrong with a text, in its order; each fault leads to its line.

use domain::playbook::PlaybookFault;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use crate::components::quoted::Quoted;
use crate::components::source_editor::EDITOR_ID;
use crate::components::source_text::in_words;

/// The faults, for the editor on the same page.
#[component]
pub fn FaultList(#[prop(into)] faults: Signal<Vec<PlaybookFault>>) -> impl IntoView {
    let list = move || faults.with(|faults| faults.iter().map(row).collect_view());
    view! { <ul class="fault-list" aria-label="Faults">{list}</ul> }.into_any()
}

fn row(fault: &PlaybookFault) -> AnyView {
    let words = in_words(fault);
    let (line, column) = (fault.line, fault.column.unwrap_or(1));
    let place = line.map(|line| {
        let go = move |_| go_to(line, column);
        view! { <button type="button" class="fault-place mono" on:click=go>"line "{line}", column "{column}</button> }
    });
    view! { <li>{place}<span><Quoted text=words /></span></li> }.into_any()
}

/// Puts the caret there. Browser only.
fn go_to(line: usize, column: usize) {
    let element = document().get_element_by_id(EDITOR_ID).and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok());
    let Some(editor) = element else { return };
    let text = editor.value();
    let before: usize = text.split('\n').take(line - 1).map(|line| line.encode_utf16().count() + 1).sum();
    let within = text.split('\n').nth(line - 1).unwrap_or_default().chars().take(column - 1).map(char::len_utf16).sum::<usize>();
    let at = u32::try_from(before + within).unwrap_or_default();
    let _ = editor.focus();
    let _ = editor.set_selection_range(at, at);
}
