//! All approvals in three groups: mine to decide, waiting for others, decided.

use api::approvals::ApprovalView;
use api::page::PAGE_LIMIT_MAX;
use api::{ApiError, PageRequest};
use domain::access::Permission;
use domain::approval::ApprovalStatus;
use domain::id::ApprovalId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::approval_card::ApprovalCard;
use crate::components::empty_state::EmptyState;
use crate::components::loaded::{Loaded, Scope};
use crate::components::section_tabs::{SectionTabs, Tab};
use crate::live::Live;
use crate::server_fns::approvals::{list_approvals, list_approvals_with_status};
use crate::viewer::Viewer;

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
    let changed = RwSignal::new(0);
    let approvals = Resource::new(move || (live.approval.get(), changed.get()), |_| list_both());
    view! {
        <Title text="Approvals" />
        <div class="page">
            <div class="page-head"><h1>"Approvals"</h1></div>
            <Loaded resource=approvals what="approvals" scope=Scope::Page view=move |all| view! { <Groups all changed /> } />
        </div>
    }
    .into_any()
}

/// Where an approval stands for the person who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Mine,
    Others,
    Decided,
}

impl Standing {
    fn of(approval: &ApprovalView) -> Self {
        match (approval.status, approval.can_decide) {
            (ApprovalStatus::Pending, true) => Self::Mine,
            (ApprovalStatus::Pending, false) => Self::Others,
            _ => Self::Decided,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Mine => "Mine to decide",
            Self::Others => "Waiting for others",
            Self::Decided => "Decided",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Others => "others",
            Self::Decided => "decided",
        }
    }
}

const GROUPS: [Standing; 3] = [Standing::Mine, Standing::Others, Standing::Decided];

/// One group at a time, which the address names; the numbers of all. `changed` rises with the incidents of those that wait.
#[component]
fn Groups(all: Memo<Vec<ApprovalView>>, changed: RwSignal<u64>) -> impl IntoView {
    let waiting = |approval: &&ApprovalView| approval.status == ApprovalStatus::Pending;
    let incidents = move || all.with(|all| all.iter().filter(waiting).map(|approval| approval.incident_id).collect::<Vec<_>>());
    expect_context::<Live>().watch_shown(Signal::derive(incidents), changed);
    let query = use_query_map();
    let standing = Memo::new(move |_| {
        let word = query.with(|query| query.get("section"));
        GROUPS.into_iter().find(|group| Some(group.name()) == word.as_deref()).unwrap_or(Standing::Mine)
    });
    let tabs = Signal::derive(move || GROUPS.map(|group| tab(group, all)).to_vec());
    let current = Signal::derive(move || standing.get().name());
    view! {
        <SectionTabs base="/approvals".to_owned() tabs current />
        {move || view! { <Group all standing=standing.get() /> }}
    }
    .into_any()
}

fn tab(group: Standing, all: Memo<Vec<ApprovalView>>) -> Tab {
    let count = all.with(|all| all.iter().filter(|approval| Standing::of(approval) == group).count());
    Tab { word: group.name(), label: group.title(), count: if group == Standing::Decided { 0 } else { count } }
}

#[component]
fn Group(all: Memo<Vec<ApprovalView>>, standing: Standing) -> impl IntoView {
    let ids = Memo::new(move |_| {
        let mine = |approval: &&ApprovalView| Standing::of(approval) == standing;
        all.with(|all| all.iter().filter(mine).map(|approval| approval.id).collect::<Vec<_>>())
    });
    let is_empty = Memo::new(move |_| ids.with(Vec::is_empty));
    let body = move || {
        if is_empty.get() {
            nothing(standing)
        } else {
            let card = move |id| view! { <Card all id /> };
            view! { <ul class="approval-group"><For each=move || ids.get() key=|id| *id children=card /></ul> }.into_any()
        }
    };
    view! {
        <section class="stack" aria-labelledby=standing.name()>
            <h2 id=standing.name() class="heard-only">{standing.title()}</h2>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn Card(all: Memo<Vec<ApprovalView>>, id: ApprovalId) -> impl IntoView {
    let find = move |all: &Vec<ApprovalView>| all.iter().find(|approval| approval.id == id).cloned();
    all.with_untracked(find).map(|first| {
        let approval = Memo::new(move |_| all.with(find).unwrap_or_else(|| first.clone()));
        view! { <ApprovalCard approval /> }
    })
}

fn nothing(standing: Standing) -> AnyView {
    let hint = if Viewer::here().may(Permission::DecideApproval) {
        "When somebody asks for a run that needs a signature, it appears here."
    } else {
        "Only people with the role approver decide. What waits for them stands beside this, under: Waiting for others."
    };
    match standing {
        Standing::Mine => view! { <EmptyState title="Nothing waits for you"><p class="quiet">{hint}</p></EmptyState> }.into_any(),
        Standing::Others => view! { <EmptyState title="Nothing waits for others" /> }.into_any(),
        Standing::Decided => view! { <EmptyState title="Nothing has been decided yet" /> }.into_any(),
    }
}
