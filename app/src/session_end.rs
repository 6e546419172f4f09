//! The end of a session as the browser learns of it, and its return: events on the window, raised by whoever notices.

use leptos::prelude::{Callable, Callback, window, window_event_listener_untyped};
use web_sys::Event;

const END: &str = "countersign-session-end";
const RETURN: &str = "countersign-session-return";

/// Tells the page that nobody is signed in any more.
pub fn raise() {
    tell(END);
}

/// Tells the page that somebody says they have signed in again.
pub fn raise_return() {
    tell(RETURN);
}

/// Calls back each time that a session's end is noticed. Browser only; lives as long as the page.
pub fn on_raise(notice: Callback<()>) {
    let _ = window_event_listener_untyped(END, move |_| notice.run(()));
}

/// Calls back each time that a session is said to be there again. Browser only; lives as long as the page.
pub fn on_return(notice: impl Fn() + 'static) {
    let _ = window_event_listener_untyped(RETURN, move |_| notice());
}

fn tell(event: &str) {
    if let Ok(event) = Event::new(event) {
        let _ = window().dispatch_event(&event);
    }
}
