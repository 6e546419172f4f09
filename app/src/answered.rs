//! Signals of what resources answered. In the browser they are memos. On the server every reading asks the resource itself: there a part of
//! the page is rendered the moment an answer is there, which may be before a memo has heard of it, and the browser would find other elements
//! than it expects.

use leptos::prelude::*;

/// What `read` makes of resources.
pub fn answered<T>(read: impl Fn() -> T + Send + Sync + 'static) -> Signal<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    answered_after(move |_| read())
}

/// What `read` makes of resources and of what it made of them before; on the server there is no before.
pub fn answered_after<T>(read: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Signal<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    if cfg!(feature = "ssr") { Signal::derive(move || read(None)) } else { Memo::new(read).into() }
}
