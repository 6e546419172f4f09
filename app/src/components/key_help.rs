//! Which keys do what.

use leptos::prelude::*;

use crate::components::modal::Modal;

const KEYS: [(&[&str], &str); 8] = [
    (&["j"], "Next incident"),
    (&["k"], "Previous incident"),
    (&["o", "Enter"], "Open the chosen incident"),
    (&["Esc"], "Choose none; close a dialog"),
    (&["g i"], "Go to incidents"),
    (&["g a"], "Go to approvals"),
    (&["g l"], "Go to the audit log"),
    (&["?"], "This help"),
];

/// The dialog with all keys.
#[component]
pub fn KeyHelp(#[prop(into)] open: Signal<bool>, close: Callback<()>) -> impl IntoView {
    let row = |(keys, what): &(&[&'static str], &'static str)| {
        let keys = keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
        view! { <tr><th scope="row">{*what}</th><td>{keys}</td></tr> }
    };
    view! {
        <Modal open close label="Keys" name="keys">
            <table class="key-help"><tbody>{KEYS.iter().map(row).collect_view()}</tbody></table>
            <div class="modal-actions"><button type="button" class="button" on:click=move |_| close.run(())>"Close"</button></div>
        </Modal>
    }
    .into_any()
}
