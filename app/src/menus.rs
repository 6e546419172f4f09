//! Menus are `details` elements with the class `menu`: a click elsewhere, or Escape, closes them.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

const OPEN: &str = "details.menu[open]";

/// Closes menus for as long as the page lives. Browser only.
pub fn follow() {
    let clicks = window_event_listener(ev::click, |event| close_others(event.target()));
    let keys = window_event_listener(ev::keydown, |event| {
        if event.key() == "Escape" {
            close_others(None);
        }
    });
    on_cleanup(move || {
        clicks.remove();
        keys.remove();
    });
}

/// Closes the open menu, unless this element is in it.
fn close_others(target: Option<EventTarget>) {
    let target = target.and_then(|target| target.dyn_into::<Element>().ok());
    let Ok(Some(menu)) = document().query_selector(OPEN) else { return };
    if !target.as_ref().is_some_and(|target| menu.contains(Some(target))) {
        let _ = menu.remove_attribute("open");
    }
}

/// Opens the menu that this selector finds, and goes to its first control. Browser only.
pub fn open(selector: &str) {
    let Ok(Some(menu)) = document().query_selector(selector) else { return };
    let _ = menu.set_attribute("open", "");
    focus(&format!("{selector} :is(input, select, button, a)"));
}

/// Goes to the first element that this selector finds. Browser only.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        let _ = element.focus();
    }
}
