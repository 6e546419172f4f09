//! Merging this incident into another as its duplicate, and what a merged one says of itself.

use api::ApiError;
use api::incidents::{IncidentDetail, IncidentView, MergeRequest};
use domain::id::IncidentId;
use domain::incident::merging::may_be_merged;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::{Screen, has_active_run};
use crate::components::merge_dialog::{MergeDialog, typed_id};
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::incidents::{get_incident, merge_incident};
use crate::wording;

/// The other incident, asked for by this id.
type Looked = (IncidentId, Result<IncidentView, ApiError>);

/// The dialog of this page, and what it does.
#[derive(Clone, Copy)]
pub struct Merging {
    open: RwSignal<bool>,
    /// The id of the other incident, as it is typed.
    typed: RwSignal<String>,
    looking: Action<IncidentId, Looked>,
    merging: Action<IncidentId, Result<IncidentView, ApiError>>,
}

impl Merging {
    /// Of this incident.
    pub fn new(id: IncidentId) -> Self {
        let (live, notices, navigate) = (expect_context::<Live>(), expect_context::<Notices>(), use_navigate());
        let (open, typed) = (RwSignal::new(false), RwSignal::new(String::new()));
        let looking = Action::new(|other: &IncidentId| {
            let other = *other;
            async move { (other, get_incident(other).await.map(|detail| detail.incident)) }
        });
        let merging = Action::new(move |into: &IncidentId| {
            let (into, navigate) = (*into, navigate.clone());
            async move {
                let outcome = merge_incident(id, MergeRequest { into }).await;
                if let Ok(taker) = &outcome {
                    open.set(false);
                    live.raise_incident(id);
                    live.raise_incident(into);
                    notices.good(said(id, taker));
                    navigate(&format!("/incidents/{into}"), NavigateOptions::default());
                }
                outcome
            }
        });
        Self { open, typed, looking, merging }
    }

    /// Opens the dialog, with this incident chosen.
    pub fn ask(self, into: Option<IncidentId>) {
        self.merging.clear();
        self.typed.set(into.map(|id| id.to_string()).unwrap_or_default());
        self.open.set(true);
    }
}

/// May it be merged now, whoever asks?
pub fn is_possible(detail: &IncidentDetail) -> bool {
    may_be_merged(detail.incident.state) && detail.incident.merged_into.is_none() && !has_active_run(detail)
}

fn said(id: IncidentId, taker: &IncidentView) -> String {
    let alerts = wording::count(taker.alert_count.into(), "alert", "alerts");
    format!(
        "{id} is merged: {} has {alerts} now, score {}, {} {}",
        taker.id, taker.risk_score, taker.severity, taker.severity_label
    )
}

/// The dialog.
#[component]
pub fn Merge(screen: Screen) -> impl IntoView {
    let Screen { id, detail, merging, .. } = screen;
    let Merging { open, typed, looking, merging } = merging;
    let wanted =
        Memo::new(move |_| if open.get() { typed.with(|typed| typed_id(typed)).filter(|other| *other != id) } else { None });
    Effect::new(move || {
        merging.clear();
        if let Some(other) = wanted.get() {
            looking.dispatch(other);
        }
    });
    let target = Signal::derive(move || {
        let (of, found) = looking.value().get()?;
        (Some(of) == wanted.get()).then_some(found)
    });
    let duplicate = Signal::derive(move || detail.with(|detail| detail.incident.clone()));
    let similar = Signal::derive(move || detail.with(|detail| detail.similar.clone()));
    let error = Signal::derive(move || merging.value().get().and_then(Result::err));
    let close = Callback::new(move |()| open.set(false));
    let confirm = Callback::new(move |into| drop(merging.dispatch(into)));
    view! { <MergeDialog open close duplicate similar typed target busy=merging.pending() error confirm /> }.into_any()
}

/// Of a duplicate: where its alerts are.
#[component]
pub fn MergedInto(detail: Memo<IncidentDetail>) -> impl IntoView {
    let into = Memo::new(move |_| detail.with(|detail| detail.incident.merged_into));
    move || {
        into.get().map(|into| {
            view! { <p class="card">"This is a duplicate of "<a class="mono" href=format!("/incidents/{into}")>{into.to_string()}</a>", which has its alerts now. It is closed for good."</p> }
        })
    }
}
