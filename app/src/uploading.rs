//! Sending a file to the server, with how far it is: `XMLHttpRequest` tells that, `fetch` does not. Browser only, but for the types.

use std::cell::RefCell;
use std::rc::Rc;

use api::problem::ProblemBody;
use api::{ApiError, ProblemCode};
use domain::evidence::Evidence;
use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, EventTarget, HtmlInputElement, ProgressEvent};

use crate::correlated_client::make_correlation_id;
use crate::session_end;

const CREATED: u16 = 201;
const UNAUTHENTICATED: u16 = 401;

/// A file that a person chose.
#[derive(Clone, Debug)]
pub struct ChosenFile {
    pub name: String,
    /// In bytes.
    pub size: u64,
    bytes: Blob,
}

impl ChosenFile {
    /// The file in this field.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole numbers below 2^53")]
    pub fn of(field: &HtmlInputElement) -> Option<Self> {
        let files = Reflect::get(field, &"files".into()).ok()?;
        let bytes: Blob = Reflect::get_u32(&files, 0).ok()?.dyn_into().ok()?;
        let name = Reflect::get(&bytes, &"name".into()).ok()?.as_string()?;
        Some(Self { name, size: bytes.size() as u64, bytes })
    }
}

/// How far it is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub bytes: u64,
    pub of: u64,
}

/// One file on its way.
#[derive(Clone, Copy)]
pub struct Uploading {
    /// `None` while nothing is on its way.
    pub sent: RwSignal<Option<Sent>>,
    /// Why the last one was refused.
    pub error: RwSignal<Option<ApiError>>,
    stop: StoredValue<Option<oneshot::Sender<()>>>,
}

impl Uploading {
    /// Nothing is on its way.
    pub fn new() -> Self {
        Self { sent: RwSignal::new(None), error: RwSignal::new(None), stop: StoredValue::new(None) }
    }

    /// Sends the file to this address; `kept` is told what the server keeps. It goes on when the page is left.
    pub fn begin(self, address: String, file: ChosenFile, kept: impl FnOnce(Evidence) + 'static) {
        let (stop, stopped) = oneshot::channel();
        self.stop.set_value(Some(stop));
        self.error.set(None);
        self.sent.set(Some(Sent { bytes: 0, of: file.size }));
        leptos::task::spawn_local(async move {
            let correlation_id = make_correlation_id();
            let progress = move |sent| {
                self.sent.try_set(Some(sent));
            };
            let outcome = send((&address, &file), &correlation_id, progress, stopped).await;
            self.sent.try_set(None);
            match outcome {
                Ok(Some(evidence)) => kept(evidence),
                Ok(None) => {}
                Err(error) => {
                    self.error.try_set(Some(ApiError { correlation_id: Some(correlation_id), ..error }));
                }
            }
        });
    }

    /// Stops; the server forgets what it has received.
    pub fn cancel(self) {
        if let Some(stop) = self.stop.try_update_value(Option::take).flatten() {
            let _ = stop.send(());
        }
    }
}

/// What the server keeps; `None` if it was stopped.
async fn send(
    (address, file): (&str, &ChosenFile),
    correlation_id: &str,
    progress: impl Fn(Sent) + 'static,
    stopped: oneshot::Receiver<()>,
) -> Result<Option<Evidence>, ApiError> {
    let broken = |_| ApiError::new(ProblemCode::Internal, "the browser cannot send files");
    let request = Request::new().map_err(broken)?;
    request.call("open", &["POST".into(), address.into()]).map_err(broken)?;
    for (name, value) in [("Content-Type", "application/octet-stream"), ("X-Correlation-ID", correlation_id)] {
        request.call("setRequestHeader", &[name.into(), value.into()]).map_err(broken)?;
    }
    let ended = request.ended();
    let _progress = request.on_progress(progress);
    request.call("send", &[file.bytes.clone().into()]).map_err(broken)?;
    match select(ended, stopped).await {
        Either::Right((Ok(()), _)) => {
            let _ = request.call("abort", &[]);
            Ok(None)
        }
        // Whoever could stop it has left.
        Either::Right((Err(_), ended)) => {
            let _ = ended.await;
            request.answer().map(Some)
        }
        Either::Left(_) => request.answer().map(Some),
    }
}

/// The browser's `XMLHttpRequest`.
#[derive(Clone)]
struct Request(JsValue);

impl Request {
    fn new() -> Result<Self, JsValue> {
        let constructor: Function = Reflect::get(&window(), &"XMLHttpRequest".into())?.dyn_into()?;
        Reflect::construct(&constructor, &Array::new()).map(Self)
    }

    fn call(&self, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
        let function: Function = Reflect::get(&self.0, &name.into())?.dyn_into()?;
        function.apply(&self.0, &arguments.iter().collect())
    }

    fn read(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }

    /// Comes when there will be nothing more, one way or the other.
    fn ended(&self) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        let tell = Rc::new(RefCell::new(Some(tell)));
        let closure = Closure::<dyn Fn()>::new(move || {
            if let Some(tell) = tell.borrow_mut().take() {
                let _ = tell.send(());
            }
        });
        listen(&self.0, "loadend", closure.as_ref());
        closure.forget();
        told
    }

    /// Calls back for as long as the result lives.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole numbers below 2^53")]
    fn on_progress(&self, act: impl Fn(Sent) + 'static) -> Closure<dyn Fn(ProgressEvent)> {
        let closure = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            act(Sent { bytes: event.loaded() as u64, of: event.total() as u64 });
        });
        listen(&self.read("upload"), "progress", closure.as_ref());
        closure
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a status has three digits")]
    fn answer(&self) -> Result<Evidence, ApiError> {
        let status = self.read("status").as_f64().unwrap_or_default() as u16;
        let body = self.read("responseText").as_string().unwrap_or_default();
        if status == UNAUTHENTICATED {
            session_end::raise();
        }
        read_answer(status, &body)
    }
}

fn listen(target: &JsValue, event: &str, closure: &JsValue) {
    let target: &EventTarget = target.unchecked_ref();
    let _ = target.add_event_listener_with_callback(event, closure.unchecked_ref());
}

/// What an answer says; status 0 is none at all.
fn read_answer(status: u16, body: &str) -> Result<Evidence, ApiError> {
    let unreadable = || ApiError::new(ProblemCode::Internal, format!("the answer {status} cannot be read"));
    match status {
        0 => Err(ApiError::new(ProblemCode::Overloaded, "the server did not answer")),
        CREATED => serde_json::from_str(body).map_err(|_| unreadable()),
        _ => Err(serde_json::from_str::<ProblemBody>(body).map_or_else(|_| unreadable(), ApiError::from)),
    }
}

#[cfg(test)]
mod tests {
    use api::{ApiError, ProblemCode};

    use super::read_answer;

    #[test]
    fn an_answer_is_what_is_kept_or_the_servers_words() {
        let kept = r#"{"id":"EVD-0000000001","incident_id":"INC-0000000001","name":"mail.eml","size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "added_by":{"id":"01890a5d-ac96-774b-bcce-b302099a8057","username":"ann"},"added_at":"2026-03-11T10:00:00.000Z"}"#;
        assert_eq!(read_answer(201, kept).map(|evidence| evidence.name), Ok("mail.eml".to_owned()));
        let refused = r#"{"type":"urn:countersign:problem:too-large","title":"The body is too large","status":413,"detail":"a file has at most 26214400 bytes"}"#;
        assert_eq!(read_answer(413, refused), Err(ApiError::new(ProblemCode::TooLarge, "a file has at most 26214400 bytes")));
        for (status, body, code) in [(0, "", ProblemCode::Overloaded), (502, "<html>", ProblemCode::Internal)] {
            assert_eq!(read_answer(status, body).map_err(|error| error.code), Err(code), "{status}");
        }
    }
}
