//! The signed head of the log that this browser verified last: kept in its local storage, where the server cannot change it. Browser only.

use leptos::prelude::*;

use crate::log_check::KeptHead;

const KEY: &str = "countersign-log-head";

/// What was kept, if anything, and if it can be read.
pub fn load() -> Option<KeptHead> {
    let text = window().local_storage().ok()??.get_item(KEY).ok()??;
    serde_json::from_str(&text).ok()
}

/// Keeps this head from now on.
pub fn keep(head: &KeptHead) {
    if let (Ok(Some(storage)), Ok(text)) = (window().local_storage(), serde_json::to_string(head)) {
        let _ = storage.set_item(KEY, &text);
    }
}

/// Begins anew: the next log that is verified is taken as it is.
pub fn forget() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(KEY);
    }
}
