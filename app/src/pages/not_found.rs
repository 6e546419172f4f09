//! The page for an address that names nothing.

use api::{ApiError, ProblemCode};
use leptos::prelude::*;

use crate::components::error_page::ErrorPage;
use crate::page_status;

/// 404, with the id of the request and the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    // Only the server knows it; the browser takes it over with the page.
    let correlation_id = SharedValue::new(page_status::correlation_id).into_inner();
    let error = ApiError { correlation_id, ..ApiError::new(ProblemCode::NotFound, "") };
    view! { <main class="bare"><ErrorPage error /></main> }.into_any()
}
