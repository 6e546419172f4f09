//! A problem, said in words, with the id that the log knows the request by.

use api::ApiError;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::quoted::Quoted;

/// One problem beside what it concerns.
#[component]
pub fn ErrorNotice(error: ApiError, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let fields = error.errors.iter().map(
        |field| view! { <li><code><Quoted text=field.pointer.clone() /></code>" "<Quoted text=field.detail.clone() /></li> },
    );
    let fields = (error.errors.len() > 1).then(|| view! { <ul>{fields.collect_view()}</ul> });
    let correlation_id = error.correlation_id.clone();
    view! {
        <div class="error-notice" role="alert">
            <Icon name=IconName::Warning />
            <div class="stack-tight">
                <p><b>{error.code.title()}</b></p>
                {(!error.detail.is_empty()).then(|| view! { <p><Quoted text=error.detail.clone() /></p> })}
                {fields}
                {correlation_id.map(|id| view! { <p class="faint">"Correlation id " <code><Quoted text=id /></code></p> })}
                {children.map(|children| children())}
            </div>
        </div>
    }
    .into_any()
}
