//! A small button that copies a text, and says so.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::components::icon::{Icon, IconName};

const SAYS_DONE_FOR: Duration = Duration::from_secs(2);

/// Copies `text`; `label` is its name for those who cannot see the icon.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>, label: &'static str) -> impl IntoView {
    let done = RwSignal::new(false);
    let copy = move |_| {
        // Only secure origins have a clipboard.
        let clipboard = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("clipboard"));
        if clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
            let _ = window().navigator().clipboard().write_text(&text.get());
            done.set(true);
            let undo = move || {
                done.try_set(false);
            };
            set_timeout(undo, SAYS_DONE_FOR);
        }
    };
    let name = move || if done.get() { IconName::Check } else { IconName::Copy };
    view! {
        <button type="button" class="copy-button" on:click=copy aria-label=label title=label>
            {move || view! { <Icon name=name() /> }}
            <span class="heard-only" role="status">{move || done.get().then_some("Copied")}</span>
        </button>
    }
    .into_any()
}
