//! How changes reach a tab: one event stream per browser, read by the tab that holds a lock, passed on to the others.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use api::changes::Change;
use api::{ApiError, ProblemCode};
use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use super::{Connection, Live};
use crate::server_fns::session::current_person;
use crate::session_end;

const ADDRESS: &str = "/api/v1/stream";
/// The lock that the reading tab holds, and the channel to the others.
const NAME: &str = "countersign-stream";
/// A stream that the server refused is tried again after this time.
const RETRY_AFTER: Duration = Duration::from_secs(3);

/// What the tabs of one browser tell each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Word {
    Change(Change),
    /// Something was missed: load everything.
    Gap,
    Connected,
    Lost,
    /// A new tab asks whoever reads how things stand.
    Hello,
}

/// This tab's end of the line.
#[derive(Clone)]
struct Line {
    live: Live,
    channel: Option<BroadcastChannel>,
    /// This tab is the one that reads the stream.
    reads: Rc<Cell<bool>>,
    /// It stopped, because nobody is signed in.
    stopped: Rc<Cell<bool>>,
}

/// Follows the stream for as long as the page lives. Browser only.
pub fn follow(live: Live) {
    let line = Line { live, channel: BroadcastChannel::new(NAME).ok(), reads: Rc::default(), stopped: Rc::default() };
    line.listen();
    line.send(&Word::Hello);
    let stopped = line.clone();
    session_end::on_return(move || {
        if stopped.stopped.replace(false) {
            stopped.read();
        }
    });
    let reader = line.clone();
    if !when_locked(move || reader.read()) {
        line.read();
    }
}

impl Line {
    /// Hears what the reading tab passes on.
    fn listen(&self) {
        let Some(channel) = &self.channel else { return };
        let line = self.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                line.hear(&word);
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
    }

    fn hear(&self, word: &Word) {
        match word {
            Word::Change(change) => self.live.note(change),
            Word::Gap => self.live.note_everything(),
            Word::Connected => self.connected(),
            Word::Lost => self.live.connection.set(Connection::Lost),
            Word::Hello if self.reads.get() && self.live.connection.get_untracked() == Connection::Live => {
                self.send(&Word::Connected);
            }
            Word::Hello => {}
        }
    }

    /// What changed between the page's rendering, or the loss of the stream, and now was not heard: load everything once.
    fn connected(&self) {
        if self.live.connection.get_untracked() != Connection::Live {
            self.live.connection.set(Connection::Live);
            self.live.note_everything();
        }
    }

    fn send(&self, word: &Word) {
        if let (Some(channel), Ok(text)) = (&self.channel, serde_json::to_string(word)) {
            let _ = channel.post_message(&JsValue::from_str(&text));
        }
    }

    /// Acts on a word in this tab, and passes it on.
    fn tell(&self, word: &Word) {
        self.hear(word);
        self.send(word);
    }

    /// Opens the stream in this tab.
    fn read(&self) {
        self.reads.set(true);
        let Ok(source) = EventSource::new(ADDRESS) else { return };
        let line = self.clone();
        on_event(&source, "open", move |_| line.tell(&Word::Connected));
        let line = self.clone();
        on_event(&source, "change", move |event| {
            if let Some(change) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                line.tell(&Word::Change(change));
            }
        });
        let line = self.clone();
        on_event(&source, "gap", move |_| line.tell(&Word::Gap));
        self.on_error(&source);
    }

    /// The browser reconnects by itself unless the server refused; then a person may have been signed out.
    fn on_error(&self, source: &EventSource) {
        let line = self.clone();
        let watched = source.clone();
        on_event(source, "error", move |_| {
            line.tell(&Word::Lost);
            if watched.ready_state() == EventSource::CLOSED {
                line.clone().retry();
            }
        });
    }

    fn retry(self) {
        leptos::task::spawn_local(async move {
            let ended = matches!(current_person().await, Err(ApiError { code: ProblemCode::Unauthenticated, .. }));
            if ended {
                self.stopped.set(true);
            } else {
                set_timeout(move || self.read(), RETRY_AFTER);
            }
        });
    }
}

fn on_event(source: &EventSource, name: &str, act: impl Fn(MessageEvent) + 'static) {
    let closure = Closure::<dyn Fn(MessageEvent)>::new(act);
    let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Runs `act` once this tab holds the lock, and keeps it. Says whether the browser has locks at all (only secure
/// origins have them).
fn when_locked(act: impl Fn() + 'static) -> bool {
    let navigator = window().navigator();
    let Ok(locks) = Reflect::get(&navigator, &JsValue::from_str("locks")) else { return false };
    let Ok(request) = Reflect::get(&locks, &JsValue::from_str("request")).and_then(JsCast::dyn_into::<Function>) else {
        return false;
    };
    let granted = Closure::<dyn Fn() -> Promise>::new(move || {
        act();
        Promise::new(&mut |_resolve, _reject| {})
    });
    let asked = request.call2(&locks, &JsValue::from_str(NAME), granted.as_ref());
    granted.forget();
    asked.is_ok()
}
