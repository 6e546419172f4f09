//! Why a plan must be signed: the rules that ask, each with what made it hold, and whether that is over.

use domain::plan::ApprovalReason;
use leptos::prelude::*;

use crate::components::quoted::Quoted;

/// One line for each rule.
#[component]
pub fn ReasonList(reasons: Vec<ApprovalReason>) -> impl IntoView {
    view! { <ul class="reason-list">{reasons.into_iter().map(row).collect_view()}</ul> }.into_any()
}

fn row(reason: ApprovalReason) -> impl IntoView {
    let past = reason.past.then(|| view! { <span class="reason-past" title="It no longer holds: a person changed what made it hold. It asks all the same.">"past"</span>" " });
    view! { <li>{past}<Quoted text=reason.detail />" "<code class="faint"><Quoted text=reason.rule /></code></li> }
}
