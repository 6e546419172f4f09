//! Which keys do what.

use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::keyboard::PLACES;

const ANYWHERE: [(&[&str], &str); 2] = [(&["Ctrl K", "⌘ K"], "Commands: go, run, find"), (&["?"], "This help")];

const LIST: [(&[&str], &str); 11] = [
    (&["j", "k"], "Next, previous incident"),
    (&["o", "Enter"], "Open it"),
    (&["Space"], "Preview it beside the list"),
    (&["x"], "Select it, or no longer"),
    (&["J", "K", "X"], "Select a range"),
    (&["a"], "Assign to me"),
    (&["s"], "Move to another state"),
    (&["p"], "Run a playbook"),
    (&["/"], "Type a filter"),
    (&["f"], "Choose filters"),
    (&["Esc"], "Select none; choose none; close"),
];

/// The dialog with all keys.
#[component]
pub fn KeyHelp(#[prop(into)] open: Signal<bool>, close: Callback<()>) -> impl IntoView {
    let places = PLACES.iter().map(|place| row(&[place.keys], format!("Go to {}", place.label))).collect_view();
    let rows = |keys: &'static [(&[&'static str], &'static str)]| {
        keys.iter().map(|(keys, what)| row(keys, (*what).to_owned())).collect_view()
    };
    view! {
        <Modal open close label="Keys" name="keys">
            <table class="key-help">
                <tbody><tr><th scope="rowgroup" colspan="2">"Everywhere"</th></tr>{rows(&ANYWHERE)}{places}</tbody>
                <tbody><tr><th scope="rowgroup" colspan="2">"In the list of incidents"</th></tr>{rows(&LIST)}</tbody>
            </table>
            <div class="modal-actions"><button type="button" class="button" on:click=move |_| close.run(())>"Close"</button></div>
        </Modal>
    }
    .into_any()
}

fn row(keys: &[&'static str], what: String) -> impl IntoView + use<> {
    let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
    view! { <tr><th scope="row">{what}</th><td>{keys}</td></tr> }
}
