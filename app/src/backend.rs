//! The server's end of every server function: who asks for what, and the HTTP status of the answer.

use std::sync::Arc;

use api::people::SessionHandle;
use api::{ApiError, Backend, Caller, ProblemCode};
use http::StatusCode;
use http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;

/// The abilities, and who asks for them.
pub fn asked() -> Result<(Backend, Caller), ApiError> {
    let backend = use_context::<Backend>().ok_or_else(|| ApiError::new(ProblemCode::Internal, "the server is not complete"))?;
    let caller = caller().ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated, "sign in first"))?;
    Ok((backend, caller))
}

/// The answer of an ability, with its HTTP status set and the correlation id in the error.
pub fn reply<T>(result: Result<T, ApiError>) -> Result<T, ApiError> {
    result.map_err(|error| {
        if !renders_page() {
            answer_with(error.status());
        }
        let correlation_id = error.correlation_id.clone().or_else(correlation_id);
        ApiError { correlation_id, ..error }
    })
}

/// The session that the request came with.
pub fn session() -> Result<Arc<dyn SessionHandle>, ApiError> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Arc<dyn SessionHandle>>().cloned())
        .ok_or_else(|| ApiError::new(ProblemCode::Unauthenticated, "sign in first"))
}

/// The name of that session in the store, if the request came with one.
pub fn session_name() -> Option<String> {
    session().ok().map(|session| session.name())
}

/// Sets the HTTP status of the response that is being made.
pub fn answer_with(status: u16) {
    if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        options.set_status(status);
    }
}

/// The id that the log knows this request by.
pub fn correlation_id() -> Option<String> {
    caller().map(|caller| caller.correlation_id.to_string())
}

/// While a page renders, a part of it that fails must not decide the status of the whole.
fn renders_page() -> bool {
    use_context::<RequestUrl>().is_some()
}

fn caller() -> Option<Caller> {
    use_context::<Parts>()?.extensions.get::<Caller>().cloned()
}
