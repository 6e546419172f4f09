//! All approvals: mine to decide, waiting for others, decided.

use api::approvals::ApprovalView;
use api::page::PAGE_LIMIT_MAX;
use api::{ApiError, PageRequest};
use domain::approval::ApprovalStatus;
use domain::id::ApprovalId;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::approval_card::ApprovalCard;
use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::live::Live;
use crate::server_fns::approvals::{list_approvals, list_approvals_with_status};

/// Every approval that waits, and the newest of the others.
async fn list_both() -> Result<Vec<ApprovalView>, ApiError> {
    let most = PageRequest { limit: PAGE_LIMIT_MAX, cursor: None };
    let pending = list_approvals_with_status(ApprovalStatus::Pending, most);
    let (pending, newest) = futures::try_join!(pending, list_approvals(PageRequest::default()))?;
    let decided = newest.items.into_iter().filter(|approval| approval.status != ApprovalStatus::Pending);
    Ok(pending.items.into_iter().chain(decided).collect())
}

/// The three groups.
#[component]
pub fn ApprovalsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let approvals = Resource::new(move || (live.approval.get(), live.incident.get()), |_| list_both());
    view! {
        <Title text="Approvals" />
        <div class="page">
            <div class="page-head"><h1>"Approvals"</h1></div>
            <Loaded resource=approvals what="approvals" scope=Scope::Page view=|all| view! { <Groups all /> } />
        </div>
    }
}

#[component]
fn Groups(all: Memo<Vec<ApprovalView>>) -> impl IntoView {
    let pending = |approval: &ApprovalView| approval.status == ApprovalStatus::Pending;
    view! {
        <Group all name="mine" title="Mine to decide" empty="Nothing waits for you" belongs=move |approval| pending(approval) && approval.can_decide>
            <p class="quiet">"When somebody asks for a run that needs a signature, it appears here."</p>
        </Group>
        <Group all name="others" title="Waiting for others" empty="Nothing waits for others" belongs=move |approval| pending(approval) && !approval.can_decide>
            {()}
        </Group>
        <Group all name="decided" title="Decided" empty="Nothing has been decided yet" belongs=move |approval| !pending(approval)>{()}</Group>
    }
}

#[component]
fn Group(
    all: Memo<Vec<ApprovalView>>,
    name: &'static str,
    title: &'static str,
    empty: &'static str,
    belongs: impl Fn(&ApprovalView) -> bool + Copy + Send + Sync + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    let ids = Memo::new(move |_| {
        all.with(|all| all.iter().filter(|approval| belongs(approval)).map(|approval| approval.id).collect::<Vec<_>>())
    });
    let count = move || ids.with(Vec::len);
    let card = move |id: ApprovalId| {
        let first = all.with_untracked(|all| all.iter().find(|approval| approval.id == id).cloned());
        first.map(|first| {
            let approval = Memo::new(move |_| {
                all.with(|all| all.iter().find(|other| other.id == id).cloned()).unwrap_or_else(|| first.clone())
            });
            view! { <ApprovalCard approval /> }
        })
    };
    let is_empty = Memo::new(move |_| ids.with(Vec::is_empty));
    let body = move || {
        if is_empty.get() {
            let children = children.clone();
            view! { <EmptyState title=empty>{children()}</EmptyState> }.into_any()
        } else {
            view! { <ul class="approval-group"><For each=move || ids.get() key=|id| *id children=card /></ul> }.into_any()
        }
    };
    view! { <section class="stack" aria-labelledby=name><h2 id=name>{title}" "<span class="faint">{count}</span></h2>{body}</section> }
}
