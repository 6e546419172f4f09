//! One incident: its head with everything one may do, and its sections. What each section shows is in the folder beside.

mod actions;
mod editing;
mod entities;
mod evidence;
mod history;
mod merging;
mod notes;
mod overview;
mod runs;
mod tasks;

use api::incidents::IncidentDetail;
use api::{ApiError, ProblemCode};
use domain::access::Permission;
use domain::id::IncidentId;
use domain::incident;
use domain::plan::{DigestedPlan, RunMode};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

use crate::components::error_page::ErrorPage;
use crate::components::incident_bar::{BarActions, IncidentBar};
use crate::components::incident_head::IncidentHead;
use crate::components::loaded::{Loaded, Scope};
use crate::components::section_tabs::{SectionTabs, Tab};
use crate::components::transition_dialog::{Move, TransitionDialog};
use crate::live::Live;
use crate::pages::run_dialog::RunDialog;
use crate::palette::{self, Choice};
use crate::server_fns::incidents::{get_incident, plan_incident};
use crate::titles::title_of;
use crate::uploading::Uploading;
use crate::viewer::Viewer;
use crate::wording;
use actions::{Actions, RunButtons};
use editing::{Edit, EditDialogs, Editing};
use merging::{Merge, MergedInto, Merging};

const NOT_ANALYST: &str = "Only analysts may do this.";

/// An incident and the plan that would run; no plan where none may be asked for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Answer {
    detail: IncidentDetail,
    plan: Option<Result<DigestedPlan, ApiError>>,
}

/// What the sections of this page share.
#[derive(Clone, Copy)]
struct Screen {
    id: IncidentId,
    detail: Memo<IncidentDetail>,
    plan: Memo<Option<Result<DigestedPlan, ApiError>>>,
    actions: Actions,
    editing: Editing,
    merging: Merging,
    /// The file on its way; it goes on while another section is looked at.
    uploading: Uploading,
}

impl Screen {
    /// Why the person may not work on the incident; `None` if they may.
    fn why_not(self, permission: Permission) -> Signal<Option<&'static str>> {
        let viewer = Viewer::here();
        Signal::derive(move || (!viewer.may(permission)).then_some(NOT_ANALYST))
    }
}

/// The incident that the address names.
#[component]
pub fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|text| text.parse::<IncidentId>().ok()));
    move || match id.get() {
        Some(id) => view! { <OneIncident id /> }.into_any(),
        None => {
            view! { <ErrorPage error=ApiError::new(ProblemCode::NotFound, "that is not the id of an incident") /> }.into_any()
        }
    }
}

#[component]
fn OneIncident(id: IncidentId) -> impl IntoView {
    let live = expect_context::<Live>();
    let changes = RwSignal::new(0);
    let answer = Resource::new(move || (changes.get(), live.playbook.get()), move |_| ask(id));
    let (actions, editing) = (Actions::new(id), Editing::new(id));
    let (merging, uploading) = (Merging::new(id), Uploading::new());
    let view = move |answer: Memo<Answer>| {
        let detail = Memo::new(move |_| answer.with(|answer| answer.detail.clone()));
        let plan = Memo::new(move |_| answer.with(|answer| answer.plan.clone()));
        live.watch_shown(Signal::derive(move || detail.with(shown)), changes);
        view! { <LoadedIncident screen=Screen { id, detail, plan, actions, editing, merging, uploading } /> }
    };
    view! { <div class="page"><Loaded resource=answer what="the incident" scope=Scope::Page view /></div> }.into_any()
}

/// The incident, and those whose runs hold its entities.
fn shown(detail: &IncidentDetail) -> Vec<IncidentId> {
    let holding = detail.containments.iter().map(|held| held.incident_id);
    std::iter::once(detail.incident.id).chain(holding).collect()
}

async fn ask(id: IncidentId) -> Result<Answer, ApiError> {
    let detail = get_incident(id).await?;
    let plan = if may_run(&detail) { Some(plan_incident(id, None).await) } else { None };
    Ok(Answer { detail, plan })
}

#[component]
fn LoadedIncident(screen: Screen) -> impl IntoView {
    let query = use_query_map();
    let section = Memo::new(move |_| section(query.with(|query| query.get("section")).as_deref()));
    let Screen { id, detail, actions, .. } = screen;
    let incident = Signal::derive(move || detail.with(|detail| detail.incident.clone()));
    let title = title_of(detail, |detail| format!("{} {}", detail.incident.id, detail.incident.title));
    let verdict = Signal::derive(move || detail.with(|detail| detail.incident.verdict));
    let why_not = screen.why_not(Permission::MoveState);
    palette::offer(move || offered(screen, why_not));
    let hint =
        move || why_not.get().map(|_| view! { <p class="quiet">"You may read this incident. Only analysts may work on it."</p> });
    let body = move || match section.get() {
        "timeline" => view! { <history::TimelineSection detail /> }.into_any(),
        "entities" => view! { <entities::EntitiesSection screen /> }.into_any(),
        "evidence" => view! { <evidence::EvidenceSection screen /> }.into_any(),
        "runs" => view! { <runs::RunsSection screen /> }.into_any(),
        "tasks" => view! { <tasks::TasksSection screen /> }.into_any(),
        "notes" => view! { <notes::NotesSection screen /> }.into_any(),
        "similar" => view! { <entities::SimilarSection screen /> }.into_any(),
        "audit" => view! { <history::AuditSection id /> }.into_any(),
        _ => view! { <overview::OverviewSection screen /> }.into_any(),
    };
    view! {
        <Title text=title />
        <IncidentHead incident why_not ask=actions.ask()><RunButtons screen /></IncidentHead>
        <Bar screen />
        <MergedInto detail />
        {hint}
        <SectionTabs base=format!("/incidents/{id}") tabs=Signal::derive(move || detail.with(tabs)) current=section />
        {body}
        <TransitionDialog asked=actions.asked current=verdict busy=actions.moving() error=actions.move_error() confirm=actions.confirm() />
        <EditDialogs screen />
        <Merge screen />
        <RunDialog asked=actions.choosing />
    }
    .into_any()
}

/// Who works on it, how much time is left, its tags; and what can be changed of that.
#[component]
fn Bar(screen: Screen) -> impl IntoView {
    let viewer = Viewer::here();
    let Screen { detail, editing, merging, .. } = screen;
    let incident = Signal::derive(move || detail.with(|detail| detail.incident.clone()));
    let me = Signal::derive(move || viewer.person().map(|person| person.username));
    let ask = move |edit: Edit| Callback::new(move |()| editing.ask(screen, edit));
    let actions = BarActions {
        take: Callback::new(move |()| editing.assign(me.get_untracked())),
        assign: ask(Edit::Assignee),
        add_tag: ask(Edit::Tag),
        remove_tag: Callback::new(move |gone: String| {
            let tags = detail.with_untracked(|detail| detail.incident.tags.clone());
            editing.set_tags(screen, tags.into_iter().filter(|tag| *tag != gone).collect());
        }),
        edit_title: ask(Edit::Title),
        merge: Callback::new(move |()| merging.ask(None)),
    };
    let may_edit = Signal::derive(move || viewer.may(Permission::EditIncident));
    let may_merge = Memo::new(move |_| may_edit.get() && detail.with(merging::is_possible));
    view! { <IncidentBar incident may_edit may_merge me actions /> }
}

/// What the palette offers here: the moves, if the person may make them, and the sections.
fn offered(screen: Screen, why_not: Signal<Option<&'static str>>) -> Vec<Choice> {
    let Screen { id, detail, actions, .. } = screen;
    let (from, allowed) = detail.with(|detail| (detail.incident.state, detail.incident.allowed_transitions.clone()));
    let ask = actions.ask();
    let moves = allowed
        .into_iter()
        .filter(|_| why_not.get().is_none())
        .map(|to| Choice::command(wording::transition(from, to), "", Callback::new(move |()| ask.run(Move { from, to }))));
    let section =
        |tab: Tab| Choice::place(format!("Section: {}", tab.label), "", format!("/incidents/{id}?section={}", tab.word));
    moves.chain(detail.with(tabs).into_iter().map(section)).collect()
}

fn section(word: Option<&str>) -> &'static str {
    ["timeline", "entities", "evidence", "runs", "tasks", "notes", "similar", "audit"]
        .into_iter()
        .find(|known| Some(*known) == word)
        .unwrap_or("overview")
}

fn tabs(detail: &IncidentDetail) -> Vec<Tab> {
    vec![
        Tab { word: "overview", label: "Overview", count: 0 },
        Tab { word: "timeline", label: "Timeline", count: 0 },
        Tab { word: "entities", label: "Entities", count: detail.observables.len() },
        Tab { word: "evidence", label: "Evidence", count: detail.evidence.len() + detail.alerts.len() },
        Tab { word: "runs", label: "Runs", count: detail.runs.len() },
        Tab { word: "tasks", label: "Tasks", count: detail.tasks.iter().filter(|task| !task.done).count() },
        Tab { word: "notes", label: "Notes", count: detail.notes.len() },
        Tab { word: "similar", label: "Similar", count: detail.similar.len() },
        Tab { word: "audit", label: "Audit", count: 0 },
    ]
}

/// May a run be asked for right now, whoever asks?
fn may_run(detail: &IncidentDetail) -> bool {
    incident::may_ask_for_run(detail.incident.state) && !has_active_run(detail)
}

fn has_active_run(detail: &IncidentDetail) -> bool {
    detail.runs.iter().any(|run| run.mode == RunMode::Live && run.status.is_active())
}
