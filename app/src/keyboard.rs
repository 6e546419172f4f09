//! Keys: which ones count as a command, and the ones that work on every page.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// A page that one can go to from everywhere.
pub struct Place {
    pub label: &'static str,
    pub address: &'static str,
    /// `g` and a letter.
    pub keys: &'static str,
}

/// The pages, for the keys, their help and the palette.
pub const PLACES: [Place; 6] = [
    Place { label: "Incidents", address: "/incidents", keys: "g i" },
    Place { label: "Approvals", address: "/approvals", keys: "g a" },
    Place { label: "Alerts", address: "/alerts", keys: "g e" },
    Place { label: "Playbooks", address: "/playbooks", keys: "g p" },
    Place { label: "Runs", address: "/runs", keys: "g r" },
    Place { label: "Audit", address: "/audit", keys: "g l" },
];

/// The second key of a pair such as `g i` must follow within this time.
const PAIR_WITHIN: Duration = Duration::from_millis(1_200);

/// The key of a command: none while somebody types, holds a modifier, or a dialog is open; Enter and Space belong to the control
/// that has the focus, if one has.
pub fn command(event: &KeyboardEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
    let typing = event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| takes_text(&element));
    let on_control = matches!(event.key().as_str(), "Enter" | " ") && is_on_control(event);
    let in_dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
    (!modified && !typing && !in_dialog && !on_control).then(|| event.key())
}

/// Listens for the keys of every page: `Ctrl+K` for the palette, `?` for help, `g` and a letter to go somewhere. Browser only.
pub fn listen(palette: Callback<()>, help: Callback<()>) {
    let navigate = use_navigate();
    let pair_began = StoredValue::new(false);
    let handle = window_event_listener(ev::keydown, move |event| {
        if asks_for_palette(&event) {
            event.prevent_default();
            palette.run(());
        }
        let Some(key) = command(&event) else { return };
        let second = pair_began.try_update_value(std::mem::take).unwrap_or(false);
        match (second, key.as_str()) {
            (true, letter) => {
                if let Some(place) = PLACES.iter().find(|place| place.keys.strip_prefix("g ") == Some(letter)) {
                    // The letter alone may mean something else to the page.
                    event.stop_immediate_propagation();
                    navigate(place.address, Default::default());
                }
            }
            (false, "g") => begin_pair(pair_began),
            (false, "?") => help.run(()),
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Also while somebody types, but not over another dialog.
fn asks_for_palette(event: &KeyboardEvent) -> bool {
    let in_dialog = document().query_selector("dialog[open]:not(.palette)").ok().flatten().is_some();
    (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key() && event.key() == "k" && !in_dialog
}

fn begin_pair(pair_began: StoredValue<bool>) {
    pair_began.set_value(true);
    let end_pair = move || {
        pair_began.try_update_value(|began| *began = false);
    };
    set_timeout(end_pair, PAIR_WITHIN);
}

fn takes_text(element: &Element) -> bool {
    const BOXES: &str = "input[type=checkbox], input[type=radio]";
    let takes = element.matches("input, textarea, select, [contenteditable]").unwrap_or(false);
    takes && !element.matches(BOXES).unwrap_or(false)
}

fn is_on_control(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("a, button, summary, input").ok().flatten().is_some())
}
