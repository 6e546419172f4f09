//! One incident in the list.

use api::incidents::IncidentView;
use domain::id::IncidentId;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::components::age::Age;
use crate::components::score_bar::ScoreBar;
use crate::components::severity_mark::SeverityMark;
use crate::components::state_mark::StateMark;
use crate::components::verdict_mark::VerdictMark;
use crate::{defang, wording};

/// A row with a link in it; a click anywhere else in the row calls `open`.
#[component]
pub fn IncidentRow(
    incident: Memo<IncidentView>,
    #[prop(into)] chosen: Signal<bool>,
    #[prop(into)] arrived: Signal<bool>,
    open: Callback<IncidentId>,
) -> impl IntoView {
    let clicked = move |event: MouseEvent| {
        if !is_for_something_else(&event) {
            open.run(incident.with_untracked(|incident| incident.id));
        }
    };
    let severity = Signal::derive(move || incident.with(|incident| incident.severity));
    let score = Signal::derive(move || incident.with(|incident| incident.risk_score));
    let state = Signal::derive(move || incident.with(|incident| incident.state));
    let verdict = Signal::derive(move || incident.with(|incident| incident.verdict));
    let created_at = Signal::derive(move || incident.with(|incident| incident.created_at));
    let href = move || incident.with(|incident| format!("/incidents/{}", incident.id));
    let title = move || incident.with(|incident| defang::text(&incident.title));
    let alerts = move || incident.with(|incident| wording::count(incident.alert_count.into(), "alert", "alerts"));
    let assignee =
        move || incident.with(|incident| incident.assignee.as_ref().map_or("nobody".to_owned(), |user| user.username.clone()));
    view! {
        <tr on:click=clicked class="incident-row" class:chosen=chosen class:arrived=arrived aria-selected=move || chosen.get().then_some("true")>
            <td class="cell-severity"><SeverityMark severity /></td>
            <td class="cell-id mono">{move || incident.with(|incident| incident.id.to_string())}</td>
            <td class="cell-what"><a href=href>{title}</a>" " <small>{alerts}</small></td>
            <td class="cell-state"><StateMark state /></td>
            <td class="cell-score"><ScoreBar score severity /></td>
            <td class="cell-verdict"><VerdictMark verdict /></td>
            <td class="cell-assignee">{assignee}</td>
            <td class="cell-age"><Age at=created_at /></td>
        </tr>
    }
    .into_any()
}

/// A click on a link opens it anyway, and one that ends a selection of text opens nothing.
fn is_for_something_else(event: &MouseEvent) -> bool {
    let on_link = event.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest("a").ok()?).is_some();
    let selects = window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
    on_link || selects
}
