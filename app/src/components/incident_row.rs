//! One incident in the list.

use api::incidents::IncidentView;
use domain::id::IncidentId;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::components::age::Age;
use crate::components::quoted::Quoted;
use crate::components::score_bar::ScoreBar;
use crate::components::severity_mark::SeverityMark;
use crate::components::sla_mark::SlaMark;
use crate::components::state_mark::StateMark;
use crate::components::verdict_mark::VerdictMark;
use crate::selection::Selection;
use crate::{defang, wording};

/// More entities than this are seen on the incident's own page.
const ENTITIES_MAX: usize = 3;

/// A row with a link in it; a click anywhere else in the row calls `open`.
#[component]
pub fn IncidentRow(
    incident: Memo<IncidentView>,
    #[prop(into)] chosen: Signal<bool>,
    #[prop(into)] arrived: Signal<bool>,
    selection: Selection,
    open: Callback<IncidentId>,
) -> impl IntoView {
    let id = incident.with_untracked(|incident| incident.id);
    let clicked = move |event: MouseEvent| {
        if !is_for_something_else(&event) {
            open.run(id);
        }
    };
    let selected = Memo::new(move |_| selection.has(id));
    let select = move |event: MouseEvent| if event.shift_key() { selection.extend_to(id) } else { selection.toggle(id) };
    let severity = Signal::derive(move || incident.with(|incident| incident.severity));
    let score = Signal::derive(move || incident.with(|incident| incident.risk_score));
    let state = Signal::derive(move || incident.with(|incident| incident.state));
    let verdict = Signal::derive(move || incident.with(|incident| incident.verdict));
    let sla = Signal::derive(move || incident.with(|incident| incident.sla));
    let created_at = Signal::derive(move || incident.with(|incident| incident.created_at));
    let title = move || view! { <Quoted text=incident.with(|incident| defang::text(&incident.title)) /> };
    let below = move || incident.with(below);
    let assignee = move || {
        let username = incident.with(|incident| incident.assignee.as_ref().map(|user| user.username.clone()));
        view! { <Quoted text=username.unwrap_or_else(|| "nobody".to_owned()) /> }
    };
    view! {
        <tr on:click=clicked class="incident-row" class:chosen=chosen class:arrived=arrived class:selected=selected aria-selected=move || selected.get().then_some("true")>
            <td class="cell-select"><input type="checkbox" aria-label=format!("Select {id}") prop:checked=selected on:click=select /></td>
            <td class="cell-severity"><SeverityMark severity /></td>
            <td class="cell-id mono">{id.to_string()}</td>
            <td class="cell-what"><a href=format!("/incidents/{id}")>{title}</a><span class="row-entities">{below}</span></td>
            <td class="cell-state"><StateMark state /></td>
            <td class="cell-score"><ScoreBar score severity /></td>
            <td class="cell-verdict"><VerdictMark verdict /></td>
            <td class="cell-assignee">{assignee}</td>
            <td class="cell-sla"><SlaMark sla /></td>
            <td class="cell-age"><Age at=created_at /></td>
        </tr>
    }
    .into_any()
}

/// How many alerts, and the first entities: "4 alerts · 91.23.11.9 · admin".
fn below(incident: &IncidentView) -> impl IntoView + use<> {
    let alerts = wording::count(incident.alert_count.into(), "alert", "alerts");
    let entities = incident.entities.iter().take(ENTITIES_MAX);
    let entities = entities.map(|entity| view! { " \u{b7} "<Quoted text=defang::observable(entity) /> });
    view! { {alerts}{entities.collect_view()} }
}

/// A click on a link or a box is theirs, and one that ends a selection of text opens nothing.
fn is_for_something_else(event: &MouseEvent) -> bool {
    let on_control =
        event.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest("a, input, .cell-select").ok()?).is_some();
    let selects = window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
    on_control || selects
}
