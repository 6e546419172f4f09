//! The browser's entry point: takes over the page that the server rendered, and nothing else.
#![cfg(target_arch = "wasm32")]
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::take_over().await;
}
