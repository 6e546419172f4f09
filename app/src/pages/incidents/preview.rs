//! The incident under the keys, beside the list: enough to decide whether to open it. What it is made with comes with the incident's page.

use std::sync::Arc;
use std::time::Duration;

use api::incidents::IncidentDetail;
use domain::id::IncidentId;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use super::Table;
use super::bulk::Bulk;
use crate::asked::asked;
use crate::bulk::Ask;
use crate::components::error_notice::ErrorNotice;
use crate::components::incident_preview::IncidentPreview;
use crate::components::loading::Loading;
use crate::live::Live;
use crate::on_demand::{Drawing, Later, answer_of};
use crate::server_fns::incidents::get_incident;

/// Keys that follow each other faster than this load nothing.
const SETTLES_AFTER: Duration = Duration::from_millis(150);

/// The pane; nothing while it is closed.
#[component]
pub fn Preview(table: Table, previewing: RwSignal<bool>, bulk: Bulk) -> impl IntoView {
    let live = expect_context::<Live>();
    let settled = settle(Signal::derive(move || table.chosen.get().filter(|_| previewing.get())));
    let detail = asked(
        move || (settled.get(), live.incident.get()),
        move |(id, _)| async move {
            match id {
                Some(id) => Some(answer_of(brief(id, bulk)).await.map(|drawing| (id, drawing))),
                None => None,
            }
        },
    );
    let body = move || match detail.get().flatten() {
        Some(Ok((id, drawing))) if Some(id) == settled.get() => drawing(),
        Some(Err(error)) => view! { <ErrorNotice error /> }.into_any(),
        _ if settled.get().is_some() => view! { <Loading what="the incident" /> }.into_any(),
        _ => view! { <p class="quiet">"Choose a row with j and k to see it here."</p> }.into_any(),
    };
    let close = move |_| previewing.set(false);
    move || {
        previewing.get().then(|| {
            view! {
                <aside class="preview-side card" aria-label="Preview">
                    <button type="button" class="copy-button preview-close" aria-label="Close preview" on:click=close>"\u{d7}"</button>
                    <Transition>{body}</Transition>
                </aside>
            }
        })
    }
}

#[wasm_split(incident, fallible)]
fn brief(id: IncidentId, bulk: Bulk) -> Result<Later<Drawing>, SplitLoaderError> {
    Ok(Box::pin(async move {
        let detail = get_incident(id).await?;
        Ok(Arc::new(move || shown(detail.clone(), bulk)) as Drawing)
    }))
}

fn shown(detail: IncidentDetail, bulk: Bulk) -> AnyView {
    let ask = Callback::new(move |what: Ask| bulk.ask(what));
    view! {
        <IncidentPreview detail may_work=bulk.may_work()>
            <button type="button" class="button" on:click=move |_| ask.run(Ask::Take)>"Take it"</button>
            <button type="button" class="button" on:click=move |_| ask.run(Ask::Move)>"Move"</button>
            <button type="button" class="button" on:click=move |_| ask.run(Ask::Run)>"Run"</button>
        </IncidentPreview>
    }
    .into_any()
}

/// The newest value, once it has stayed for a moment.
fn settle(value: Signal<Option<IncidentId>>) -> RwSignal<Option<IncidentId>> {
    let settled = RwSignal::new(None);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move || {
        let newest = value.get();
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        let act = move || {
            settled.try_set(newest);
        };
        timer.set_value(set_timeout_with_handle(act, SETTLES_AFTER).ok());
    });
    settled
}
