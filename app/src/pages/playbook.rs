//! One playbook: its flow beside its text, its versions and what changed between them, its runs, and what it would do to an incident.

mod trying;
mod versions;

use api::playbooks::PlaybookDetail;
use api::{ApiError, ProblemCode};
use domain::id::PlaybookId;
use leptos::either::EitherOf4;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde_json::Value;

use crate::components::digest_text::DigestStart;
use crate::components::empty_state::EmptyState;
use crate::components::error_page::ErrorPage;
use crate::components::flow_chart::{FlowChart, Standings};
use crate::components::loaded::{Loaded, Scope};
use crate::components::plan_steps::PlanSteps;
use crate::components::quoted::Quoted;
use crate::components::run_table::RunTable;
use crate::components::section_tabs::{SectionTabs, Tab};
use crate::components::source_text::SourceText;
use crate::flow::{self, Ends};
use crate::live::Live;
use crate::server_fns::playbooks::get_playbook;
use crate::titles::title_of;
use crate::{plan_rows, playbook_words};

/// The playbook that the address names.
#[component]
pub fn PlaybookPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|text| text.parse::<PlaybookId>().ok()));
    move || match id.get() {
        Some(id) => view! { <OnePlaybook id /> }.into_any(),
        None => view! { <ErrorPage error=ApiError::new(ProblemCode::NotFound, "that is not the id of a playbook") /> }.into_any(),
    }
}

#[component]
fn OnePlaybook(id: PlaybookId) -> impl IntoView {
    let live = expect_context::<Live>();
    let playbook = Resource::new(
        move || (live.playbook.get(), live.run.get()),
        move |_| {
            let id = id.clone();
            async move { get_playbook(id).await }
        },
    );
    let view = |detail| view! { <LoadedPlaybook detail /> };
    view! { <div class="page"><Loaded resource=playbook what="the playbook" scope=Scope::Page view /></div> }.into_any()
}

#[component]
fn LoadedPlaybook(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let query = use_query_map();
    let section = Memo::new(move |_| section(query.with(|query| query.get("section")).as_deref()));
    let id = detail.with_untracked(|detail| detail.playbook.id.clone());
    let base = format!("/playbooks/{id}");
    let title = title_of(detail, |detail| format!("{} {}", detail.playbook.id, detail.playbook.name));
    let body = move || match section.get() {
        "versions" => EitherOf4::A(view! { <versions::VersionsSection detail /> }),
        "runs" => EitherOf4::B(view! { <RunsSection detail /> }),
        "try" => EitherOf4::C(view! { <trying::TrySection detail /> }),
        _ => EitherOf4::D(view! { <FlowSection detail /> }),
    };
    view! {
        <Title text=title />
        <Head detail />
        <SectionTabs base tabs=Signal::derive(move || detail.with(tabs)) current=section />
        {body}
    }
    .into_any()
}

fn section(word: Option<&str>) -> &'static str {
    ["versions", "runs", "try"].into_iter().find(|known| Some(*known) == word).unwrap_or("flow")
}

fn tabs(detail: &PlaybookDetail) -> Vec<Tab> {
    vec![
        Tab { word: "flow", label: "Flow and text", count: 0 },
        Tab { word: "versions", label: "Versions", count: detail.versions.len() },
        Tab { word: "runs", label: "Runs", count: 0 },
        Tab { word: "try", label: "Try it", count: 0 },
    ]
}

#[component]
fn Head(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let digest = Signal::derive(move || detail.with(|detail| detail.playbook.digest));
    let text = move |read: fn(&PlaybookDetail) -> String| move || detail.with(read);
    let quoted = move |read: fn(&PlaybookDetail) -> String| move || view! { <Quoted text=detail.with(read) /> };
    let change = move || format!("/playbooks/upload?from={}", detail.with(|detail| detail.playbook.id.clone()));
    view! {
        <header class="page-head">
            <div>
                <p class="mono faint">{text(|detail| detail.playbook.id.to_string())}" · "<DigestStart digest /></p>
                <h1>{quoted(|detail| detail.playbook.name.clone())}</h1>
                <p class="quiet">{quoted(|detail| detail.playbook.description.clone())}</p>
            </div>
            <a class="button" href=change>"Change"</a>
        </header>
        <dl class="playbook-facts card">
            <dt>"For"</dt><dd><code>{text(types)}</code></dd>
            <dt>"Signature"</dt><dd>{quoted(signature)}</dd>
            <dt>"Priority"</dt><dd>{text(|detail| detail.playbook.priority.to_string())}</dd>
            <dt>"From"</dt><dd>{quoted(origin)}</dd>
            <dt>"Success"</dt><dd>{text(success)}</dd>
            <dt>"Starts"</dt><dd>{text(starts)}</dd>
        </dl>
    }
    .into_any()
}

fn types(detail: &PlaybookDetail) -> String {
    detail.playbook.incident_types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn signature(detail: &PlaybookDetail) -> String {
    let rules = playbook_words::approval_rules(&detail.playbook.document);
    if rules.is_empty() {
        return "never asked for".to_owned();
    }
    format!("{} if {}", playbook_words::approval_terms(&detail.playbook.document), rules.join("; or "))
}

/// The origin, and of an upload who made it.
fn origin(detail: &PlaybookDetail) -> String {
    let author = detail.versions.iter().find(|version| version.in_force).and_then(|version| version.author.as_ref());
    let origin = playbook_words::origin(detail.playbook.origin);
    author.map_or_else(|| origin.to_owned(), |author| format!("{origin} by {}", author.username))
}

fn success(detail: &PlaybookDetail) -> String {
    let record = &detail.playbook.record;
    record.success_percent().map_or_else(
        || "no run has ended".to_owned(),
        |percent| format!("{percent} %: {} of {}", record.succeeded, record.succeeded + record.failed),
    )
}

fn starts(detail: &PlaybookDetail) -> String {
    if detail.playbook.starts_by_itself { "by itself, where its rule holds" } else { "when a person asks" }.to_owned()
}

#[component]
fn FlowSection(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let content = Memo::new(move |_| detail.with(|detail| (detail.playbook.document.clone(), detail.source.clone())));
    move || content.with(|(document, source)| view! { <FlowAndText document=document.clone() source=source.clone() /> })
}

/// The picture of a version beside its text; the same steps as a list below.
#[component]
pub fn FlowAndText(document: Value, source: String) -> impl IntoView {
    let rows = plan_rows::of_document(&document);
    let drawing = flow::draw(&Ends::of_document(&document), &rows);
    view! {
        <div class="flow-columns">
            <section class="card" aria-labelledby="flow">
                <h2 id="flow">"Flow"</h2>
                <FlowChart drawing label="The steps of this playbook in order; the list of steps says the same" standings=Signal::stored(Standings::new()) />
            </section>
            <section class="card" aria-labelledby="text">
                <h2 id="text">"Text"</h2>
                <SourceText label="The playbook as it is written" source faults=Vec::new() />
            </section>
        </div>
        <section class="stack" aria-labelledby="steps">
            <h2 id="steps">"Steps"</h2>
            <PlanSteps rows />
        </section>
    }
    .into_any()
}

#[component]
fn RunsSection(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let runs = Signal::derive(move || detail.with(|detail| detail.recent_runs.clone()));
    let empty = Memo::new(move |_| runs.with(Vec::is_empty));
    let all = move || format!("/runs?playbook={}", detail.with(|detail| detail.playbook.id.clone()));
    move || {
        if empty.get() {
            return view! { <EmptyState title="It has not run yet"><p class="quiet">"Try it on an incident: nothing happens, and you see its plan."</p></EmptyState> }.into_any();
        }
        view! { <RunTable runs /><p><a class="button" href=all>"All its runs"</a></p> }.into_any()
    }
}
