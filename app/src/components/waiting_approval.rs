//! The incident waits for a signature: until when, and where it is given.

use api::approvals::ApprovalView;
use domain::approval::ApprovalStatus;
use leptos::prelude::*;

use crate::components::countdown::Countdown;
use crate::components::quoted::Quoted;

/// A banner while one of `approvals` is pending.
#[component]
pub fn WaitingApproval(#[prop(into)] approvals: Signal<Vec<ApprovalView>>) -> impl IntoView {
    let pending = Memo::new(move |_| {
        approvals.with(|approvals| approvals.iter().find(|approval| approval.status == ApprovalStatus::Pending).cloned())
    });
    move || pending.get().map(banner)
}

fn banner(approval: ApprovalView) -> impl IntoView {
    let (label, class) = if approval.can_decide { ("Decide", "button primary") } else { ("Open approval", "button") };
    let missing = usize::from(approval.quorum).saturating_sub(approval.decisions.len());
    let people = if missing == 1 { "one signature is missing".to_owned() } else { format!("{missing} signatures are missing") };
    view! {
        <section class="waiting-approval" aria-label="Waiting approval">
            <div class="stack-tight">
                <p><b>"Waits for approval"</b>": "{people}" · "<Countdown until=Signal::stored(approval.expires_at) /></p>
                {approval.why_not.map(|why| view! { <p class="quiet"><Quoted text=why /></p> })}
            </div>
            <a class=class href=format!("/approvals/{}", approval.id)>{label}<span class="heard-only">" "{approval.id.to_string()}</span></a>
        </section>
    }
    .into_any()
}
