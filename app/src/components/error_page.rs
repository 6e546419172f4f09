//! What stands in place of a page that could not be shown.

use api::{ApiError, ProblemCode};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::quoted::Quoted;
use crate::page_status;

/// Says what happened, and where to go from here.
#[component]
pub fn ErrorPage(error: ApiError) -> impl IntoView {
    page_status::answer(error.status());
    let (title, words) = match error.code {
        ProblemCode::NotFound => ("There is nothing here", "The address may be mistyped, or what it named is gone."),
        ProblemCode::Forbidden => ("You may not see this", "Your roles do not include it. An admin can change that."),
        ProblemCode::Unauthenticated => ("You are signed out", "Sign in to go on."),
        ProblemCode::Overloaded => ("The server is busy", "Wait a moment, then reload."),
        _ => ("This page could not be shown", "Reload to try again. If it keeps happening, tell whoever runs this installation."),
    };
    let detail = (error.code != ProblemCode::Internal && !error.detail.is_empty()).then(|| error.detail.clone());
    view! {
        <Title text=title />
        <section class="error-page">
            <p class="error-status mono">{error.status()}</p>
            <h1>{title}</h1>
            <p class="quiet">{words}</p>
            {detail.map(|detail| view! { <p class="quiet"><Quoted text=detail /></p> })}
            {error.correlation_id.map(|id| view! { <p class="faint">"Correlation id " <code><Quoted text=id /></code></p> })}
            <p class="row">
                {(error.code == ProblemCode::Unauthenticated).then(|| view! { <a class="button primary" href="/sign-in" rel="external">"Sign in"</a> })}
                <a class="button" href="/incidents">"Go to incidents"</a>
            </p>
        </section>
    }
    .into_any()
}
