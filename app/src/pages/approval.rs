//! One approval: exactly what would run, why it is asked, and where somebody signs.

mod deciding;

use api::approvals::{ApprovalView, Circumstances};
use api::{ApiError, ProblemCode};
use domain::approval::ApprovalStatus;
use domain::digest::Digest;
use domain::id::ApprovalId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::components::age::Ago;
use crate::components::approval_card::playbook_name;
use crate::components::circumstance_list::CircumstanceList;
use crate::components::countdown::Countdown;
use crate::components::decision_list::DecisionList;
use crate::components::digest_text::DigestText;
use crate::components::error_page::ErrorPage;
use crate::components::json_text::JsonText;
use crate::components::loaded::{Loaded, Scope};
use crate::components::plan_facts::PlanFacts;
use crate::components::plan_steps::PlanSteps;
use crate::components::plan_targets::PlanTargets;
use crate::components::quoted::Quoted;
use crate::components::reason_list::ReasonList;
use crate::components::score_bar::ScoreBar;
use crate::components::severity_mark::SeverityMark;
use crate::components::simulated_banner::SimulatedBanner;
use crate::components::state_mark::StateMark;
use crate::components::status_mark::StatusMark;
use crate::live::Live;
use crate::server_fns::approvals::{get_approval, get_circumstances};
use crate::titles::title_of;
use crate::{defang, plan_rows, wording};
use deciding::Deciding;

/// The approval that the address names.
#[component]
pub fn ApprovalPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|text| text.parse::<ApprovalId>().ok()));
    move || match id.get() {
        Some(id) => view! { <OneApproval id /> }.into_any(),
        None => {
            view! { <ErrorPage error=ApiError::new(ProblemCode::NotFound, "that is not the id of an approval") /> }.into_any()
        }
    }
}

#[component]
fn OneApproval(id: ApprovalId) -> impl IntoView {
    let live = expect_context::<Live>();
    let again = RwSignal::new(0_u64);
    let approval = Resource::new(move || (live.approval.get(), again.get()), move |_| get_approval(id));
    let reload = Callback::new(move |()| again.update(|again| *again += 1));
    let circumstances = Resource::new(move || (live.approval.get(), again.get()), move |_| get_circumstances(id));
    let view = move |approval: Memo<ApprovalView>| {
        let incident = move || approval.with(|approval| vec![approval.incident_id]);
        live.watch_shown(Signal::derive(incident), again);
        view! { <LoadedApproval approval circumstances reload /> }
    };
    view! { <div class="page"><Loaded resource=approval what="the approval" scope=Scope::Page view /></div> }.into_any()
}

#[component]
fn LoadedApproval(
    approval: Memo<ApprovalView>,
    circumstances: Resource<Result<Circumstances, ApiError>>,
    reload: Callback<()>,
) -> impl IntoView {
    let decisions = Signal::derive(move || approval.with(|approval| approval.decisions.clone()));
    let quorum = Signal::derive(move || approval.with(|approval| approval.quorum));
    view! {
        <Title text=title_of(approval, |approval| format!("{} {}", approval.id, playbook_name(&approval.plan))) />
        <Head approval />
        <div class="columns">
            <div class="stack">
                <WhatRuns approval />
                <Asked approval />
                <Evidence approval />
                <Loaded resource=circumstances what="the circumstances" scope=Scope::Part view=|known| view! { <CircumstanceList known /> } />
            </div>
            <aside class="stack" aria-label="Decision">
                <Deciding approval reload />
                <DecisionList decisions quorum />
                <Excluded approval />
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Head(approval: Memo<ApprovalView>) -> impl IntoView {
    let status = Memo::new(move |_| approval.with(|approval| approval.status));
    let until = Signal::derive(move || approval.with(|approval| approval.expires_at));
    let standing = move || match status.get() {
        ApprovalStatus::Pending => view! { <Countdown until /> }.into_any(),
        decided => view! { <StatusMark word=decided.as_str() label=wording::approval_status(decided) /> }.into_any(),
    };
    let id = move || approval.with(|approval| approval.id.to_string());
    let incident = move || approval.with(|approval| approval.incident_id.to_string());
    let run = move || approval.with(|approval| approval.run_id.to_string());
    let step = move || {
        approval.with(|approval| approval.step.clone()).map(|step| view! { <p class="quiet">"Only the steps from "<code>{step.to_string()}</code>" on: the run waits there."</p> })
    };
    view! {
        <header class="page-head">
            <div>
                <p class="mono faint">
                    {id}" · "<a href=move || format!("/incidents/{}", incident())>{incident}</a>" · "
                    <a href=move || format!("/runs/{}", run())>{run}</a>
                </p>
                <h1>"Sign for: "{move || view! { <Quoted text=approval.with(|approval| playbook_name(&approval.plan)) /> }}</h1>
                {step}
            </div>
            <p class="row">{standing}</p>
        </header>
    }
    .into_any()
}

/// The rows come from the JSON that is signed; its digest is computed here again.
#[component]
fn WhatRuns(approval: Memo<ApprovalView>) -> impl IntoView {
    let plan = Memo::new(move |_| approval.with(|approval| (approval.plan.clone(), approval.plan_digest)));
    move || {
        let (json, digest) = plan.get();
        if plan_rows::digest(&json) != digest {
            return view! { <ChangedPlan digest /> }.into_any();
        }
        let rows = plan_rows::rows(&json);
        let connectors = rows.iter().map(|row| (row.title.clone(), row.connector.clone())).collect();
        view! {
            <section class="stack" aria-labelledby="exactly">
                <h2 id="exactly">"Exactly this will run"</h2>
                <SimulatedBanner steps=connectors />
                <PlanSteps rows=rows.clone() />
                <PlanFacts plan=json.clone() />
                <p class="row"><span class="faint">"Plan digest"</span><DigestText digest=Signal::stored(digest) /></p>
                <JsonText label="The stored plan, as it is signed" json />
            </section>
            <PlanTargets rows />
        }
        .into_any()
    }
}

/// In the place of a plan that does not have its digest: nothing of it is shown.
#[component]
fn ChangedPlan(digest: Digest) -> impl IntoView {
    view! {
        <section class="card stack" role="alert" aria-labelledby="exactly">
            <h2 id="exactly">"This plan was changed in the database"</h2>
            <p>"What is stored is not the plan that was asked about, so it is not shown, nobody can sign it, and nothing of it will run. The audit log says so."</p>
            <p class="row"><span class="faint">"Digest of the plan that was asked about"</span><DigestText digest=Signal::stored(digest) /></p>
        </section>
    }
    .into_any()
}

#[component]
fn Asked(approval: Memo<ApprovalView>) -> impl IntoView {
    let asker = move || {
        approval.with(|approval| approval.requested_by.as_ref().map_or("Countersign".to_owned(), |user| user.username.clone()))
    };
    let requested_at = Signal::derive(move || approval.with(|approval| approval.requested_at));
    let reasons = move || view! { <ReasonList reasons=approval.with(|approval| approval.reasons.clone()) /> };
    view! {
        <section class="card stack" aria-labelledby="asked">
            <h2 id="asked">"Why it is asked"</h2>
            <p><b>{move || view! { <Quoted text=asker() /> }}</b>" asked "<Ago at=requested_at />". These rules want a second person:"</p>
            {reasons}
        </section>
    }
    .into_any()
}

#[component]
fn Evidence(approval: Memo<ApprovalView>) -> impl IntoView {
    let severity = Signal::derive(move || approval.with(|approval| approval.incident.severity));
    let score = Signal::derive(move || approval.with(|approval| approval.incident.risk_score));
    let state = Signal::derive(move || approval.with(|approval| approval.incident.state));
    let href = move || approval.with(|approval| format!("/incidents/{}", approval.incident_id));
    view! {
        <section class="card stack" aria-labelledby="evidence">
            <h2 id="evidence">"The incident"</h2>
            <p><a href=href>{move || approval.with(|approval| approval.incident_id.to_string())}": "{move || view! { <Quoted text=approval.with(|approval| defang::text(&approval.incident.title)) /> }}</a></p>
            <p class="row"><SeverityMark severity /><ScoreBar score severity /><StateMark state /></p>
        </section>
    }
    .into_any()
}

#[component]
fn Excluded(approval: Memo<ApprovalView>) -> impl IntoView {
    let names = move || {
        approval.with(|approval| {
            approval.contributor_names.iter().map(|user| view! { <li><Quoted text=user.username.clone() /></li> }).collect_view()
        })
    };
    view! {
        <section class="card excluded" aria-labelledby="excluded">
            <h2 id="excluded">"Not allowed to decide"</h2>
            <p class="quiet">"They contributed: asked for the run, posted an alert by hand, set the title, the tags or the verdict, or wrote the playbook. Whoever has an account that one of them set, and nobody confirmed, may not decide either."</p>
            <ul>{names}</ul>
        </section>
    }
    .into_any()
}
