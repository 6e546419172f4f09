//! The end of a session as the browser learns of it: one event on the window, raised by any call that answers 401.

use leptos::prelude::{Callable, Callback, window, window_event_listener_untyped};
use web_sys::Event;

const EVENT: &str = "countersign-session-end";

/// Tells the page that nobody is signed in any more.
pub fn raise() {
    if let Ok(event) = Event::new(EVENT) {
        let _ = window().dispatch_event(&event);
    }
}

/// Calls back each time that a session's end is noticed. Browser only; lives as long as the page.
pub fn on_raise(notice: Callback<()>) {
    let _ = window_event_listener_untyped(EVENT, move |_| notice.run(()));
}
