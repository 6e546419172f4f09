//! A dialog over the page, with the browser's own focus handling and Escape.

use leptos::html;
use leptos::prelude::*;

use crate::components::quoted::Quoted;

/// Shown while `open` says so; `close` is called when a person closes it in any way. `label` is its heading and name.
#[component]
pub fn Modal(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] label: Signal<String>,
    name: &'static str,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    follow_open(dialog, open);
    let closed = move |_| {
        if open.get_untracked() {
            close.run(());
        }
    };
    let heading = format!("modal-{name}");
    view! {
        <dialog class="modal" node_ref=dialog aria-labelledby=heading on:close=closed>
            <h2 id=heading.clone()>{move || view! { <Quoted text=label.get() /> }}</h2>
            {children()}
        </dialog>
    }
    .into_any()
}

/// Opens and closes a dialog as `open` says.
pub fn follow_open(dialog: NodeRef<html::Dialog>, open: Signal<bool>) {
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
}
