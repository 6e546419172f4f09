//! How the browser calls a server function: each call carries an `X-Correlation-ID`, and an answer 401 raises the
//! session's end for the whole page.

use std::future::Future;

use api::ApiError;
use futures::{Sink, Stream};
use leptos::server_fn::Bytes;
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;

use crate::session_end;

const UNAUTHENTICATED: u16 = 401;

/// The client of all server functions but the step-up, where 401 means a wrong password.
pub struct CorrelatedClient;

impl Client<ApiError> for CorrelatedClient {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(request: Self::Request) -> impl Future<Output = Result<Self::Response, ApiError>> + Send {
        let correlation_id = make_correlation_id();
        request.headers().set("X-Correlation-ID", &correlation_id);
        async move {
            let outcome = <BrowserClient as Client<ApiError>>::send(request).await;
            if outcome.as_ref().is_ok_and(|response| ClientRes::<ApiError>::status(response) == UNAUTHENTICATED) {
                session_end::raise();
            }
            outcome.map_err(|error| ApiError { correlation_id: Some(correlation_id), ..error })
        }
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<(impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static), ApiError>,
    > + Send {
        <BrowserClient as Client<ApiError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<ApiError>>::spawn(future);
    }
}

/// A name for one call; it is no secret, and needs to be unique only among the calls that a person may ask about.
pub fn make_correlation_id() -> String {
    const PARTS: usize = 2;
    let words: Vec<String> = (0..PARTS).map(|_| format!("{:08x}", random_word())).collect();
    format!("web-{}", words.concat())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float below 2^32, cut on purpose")]
fn random_word() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}
