//! One incident in brief: what it is, why it scored so, who is concerned, what happened last.

use api::incidents::{IncidentDetail, TimelineItem};
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::components::containment_mark::marks;
use crate::components::quoted::Quoted;
use crate::components::score_bar::ScoreBar;
use crate::components::score_explanation::ScoreExplanation;
use crate::components::severity_mark::SeverityMark;
use crate::components::sla_mark::SlaMark;
use crate::components::state_mark::StateMark;
use crate::components::verdict_mark::VerdictMark;
use crate::{defang, wording};

/// More than this is read on the incident's own page.
const ITEMS_MAX: usize = 6;

/// The brief; `children` are what can be done with it, for those who may.
#[component]
pub fn IncidentPreview(detail: IncidentDetail, may_work: bool, children: Children) -> impl IntoView {
    let incident = detail.incident.clone();
    let href = format!("/incidents/{}", incident.id);
    let assignee = incident.assignee.as_ref().map_or("nobody".to_owned(), |user| user.username.clone());
    let entities = detail.observables.iter().take(ITEMS_MAX).map(|entity| {
        view! { <li><code><Quoted text=defang::observable(entity) /></code>" "<small>{wording::observable_kind(entity.kind)}</small>{marks(&detail.containments, entity.kind, &entity.value)}</li> }
    });
    let mut items: Vec<&TimelineItem> = detail.timeline.iter().collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.seq));
    let items = items.into_iter().take(ITEMS_MAX).map(|item| {
        view! { <li><span class="mono faint"><TimeOfDay at=item.at /></span>" "<Quoted text=defang::text(&item.summary) /></li> }
    });
    let severity = Signal::stored(incident.severity);
    view! {
        <div class="incident-preview">
            <p class="row"><SeverityMark severity /><span class="mono faint">{incident.id.to_string()}</span></p>
            <h2><a href=href.clone()><Quoted text=defang::text(&incident.title) /></a></h2>
            <p class="row"><StateMark state=incident.state /><ScoreBar score=incident.risk_score severity /><VerdictMark verdict=incident.verdict /></p>
            <p class="row quiet">"Assignee "<b><Quoted text=assignee /></b>" \u{b7} "<SlaMark sla=incident.sla /></p>
            <div class="row"><a class="button primary" href=href>"Open"</a>{may_work.then(children)}</div>
            <ScoreExplanation incident=Signal::stored(incident) />
            <section><h3>"Entities"</h3><ul>{entities.collect_view()}</ul></section>
            <section><h3>"Last"</h3><ul>{items.collect_view()}</ul></section>
        </div>
    }
    .into_any()
}
