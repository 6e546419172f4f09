//! The page for an address that names nothing.

use api::{ApiError, ProblemCode};
use leptos::prelude::*;

use crate::components::error_page::ErrorPage;

/// 404, with the way back.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <main class="bare"><ErrorPage error=ApiError::new(ProblemCode::NotFound, "") /></main> }.into_any()
}
