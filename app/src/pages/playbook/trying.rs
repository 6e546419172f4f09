//! What this playbook would do to an incident: its plan, made now, with nothing stored and nothing done.

use api::incidents::{IncidentQuery, IncidentView};
use api::playbooks::PlaybookDetail;
use api::{ApiError, PageRequest};
use domain::id::{IncidentId, IncidentType, PlaybookId};
use domain::incident_filter::IncidentFilter;
use domain::plan::DigestedPlan;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::asked::asked;
use crate::components::flow_chart::{FlowChart, Standings};
use crate::components::loaded::LoadedPart;
use crate::components::proposed_playbook::ProposedPlaybook;
use crate::components::quoted::{Quoted, ShownAs};
use crate::components::severity_mark::SeverityMark;
use crate::flow::{self, Ends};
use crate::server_fns::incidents::{list_incidents, plan_incident};
use crate::{defang, plan_rows};

/// The newest incidents of its types are offered, at most so many.
const OFFERED_MAX: u32 = 12;

/// The plan for one incident, if one is chosen, and the incidents to choose from.
#[derive(Clone, PartialEq)]
struct Trial {
    plan: Option<Result<DigestedPlan, ApiError>>,
    offered: Vec<IncidentView>,
}

/// Choose an incident, see the plan.
#[component]
pub fn TrySection(detail: Memo<PlaybookDetail>) -> impl IntoView {
    let query = use_query_map();
    let (id, types) = detail.with_untracked(|detail| (detail.playbook.id.clone(), detail.playbook.incident_types.clone()));
    let chosen =
        Memo::new(move |_| query.with(|query| query.get("incident")).and_then(|text| text.trim().parse::<IncidentId>().ok()));
    let base = StoredValue::new(format!("/playbooks/{id}?section=try&incident="));
    view! {
        <div class="stack">
            <p class="quiet">"The plan is made from the incident as it is now. Nothing is stored, and nothing happens."</p>
            <Choose base chosen />
            <Trials id types base chosen />
        </div>
    }
    .into_any()
}

#[component]
fn Trials(
    id: PlaybookId,
    types: Vec<IncidentType>,
    base: StoredValue<String>,
    chosen: Memo<Option<IncidentId>>,
) -> impl IntoView {
    let trial = asked(
        move || chosen.get(),
        move |incident| {
            let (id, types) = (id.clone(), types.clone());
            async move { try_it(incident, id, types).await }
        },
    );
    let view = move |trial: Memo<Trial>| {
        move || {
            let Trial { plan, offered } = trial.get();
            view! { {plan.map(shown)}{list(&offered, chosen.get_untracked(), &base.get_value())} }
        }
    };
    view! { <LoadedPart answer=trial what="the plan" view /> }.into_any()
}

#[component]
fn Choose(base: StoredValue<String>, chosen: Memo<Option<IncidentId>>) -> impl IntoView {
    let navigate = use_navigate();
    let typed = RwSignal::new(chosen.get_untracked().map(|id| id.to_string()).unwrap_or_default());
    let is_id = move || typed.with(|typed| typed.trim().parse::<IncidentId>().is_ok());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_id() {
            let address = base.with_value(|base| format!("{base}{}", typed.get_untracked().trim()));
            navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    view! {
        <form class="try-form row" on:submit=submit>
            <label for="try-incident">"Incident"</label>
            <input id="try-incident" class="mono" placeholder="INC-0000000001" autocomplete="off" spellcheck="false" prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event)) />
            <ShownAs typed />
            <button type="submit" class="button primary" disabled=move || !is_id()>"Show the plan"</button>
        </form>
    }
    .into_any()
}

async fn try_it(incident: Option<IncidentId>, id: PlaybookId, types: Vec<IncidentType>) -> Result<Trial, ApiError> {
    let plan = match incident {
        Some(incident) => Some(plan_incident(incident, Some(id)).await),
        None => None,
    };
    let filter = IncidentFilter { incident_type: types, ..IncidentFilter::default() };
    let page = PageRequest { limit: OFFERED_MAX, cursor: None };
    let newest = list_incidents(IncidentQuery { filter, page, ..IncidentQuery::default() }).await?;
    Ok(Trial { plan, offered: newest.items })
}

fn shown(plan: Result<DigestedPlan, ApiError>) -> AnyView {
    let chart = plan.as_ref().ok().map(|plan| {
        let json = serde_json::to_value(&plan.plan).unwrap_or_default();
        let drawing = flow::draw(&Ends::of_plan(&json), &plan_rows::rows(&json));
        let label = "The steps of this plan in order; the list of steps says the same";
        view! { <section class="card" aria-labelledby="flow"><h2 id="flow">"Flow"</h2><FlowChart drawing label standings=Signal::stored(Standings::new()) /></section> }
    });
    view! { <div class="flow-columns">{chart}<ProposedPlaybook plan /></div> }.into_any()
}

fn list(offered: &[IncidentView], chosen: Option<IncidentId>, base: &str) -> AnyView {
    let row = |incident: &IncidentView| {
        let current = (chosen == Some(incident.id)).then_some("true");
        view! {
            <li>
                <SeverityMark severity=incident.severity />
                <a class="mono" href=format!("{base}{}", incident.id) data-noscroll="" aria-current=current>{incident.id.to_string()}</a>
                <span><Quoted text=defang::text(&incident.title) /></span>
            </li>
        }
    };
    if offered.is_empty() {
        return view! { <p class="quiet">"There is no incident of its types yet: type the id of any other."</p> }.into_any();
    }
    view! { <section class="card" aria-labelledby="offered"><h2 id="offered">"Newest incidents of its types"</h2><ul class="try-list">{offered.iter().map(row).collect_view()}</ul></section> }.into_any()
}
