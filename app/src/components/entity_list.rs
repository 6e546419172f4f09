//! The entities of an incident: addresses, people, hosts and what else was seen in its alerts.

use domain::containment::Containment;
use domain::observable::Observable;
use leptos::prelude::*;

use crate::components::containment_mark::marks;
use crate::components::copy_button::CopyButton;
use crate::components::quoted::Quoted;
use crate::{defang, wording};

/// Each value with its kind, the field that it came from, and what holds it.
#[component]
pub fn EntityList(
    #[prop(into)] observables: Signal<Vec<Observable>>,
    #[prop(into)] containments: Signal<Vec<Containment>>,
) -> impl IntoView {
    let body = move || {
        observables.with(|observables| match observables.as_slice() {
            [] => view! { <p class="quiet">"The alerts name no address, user, host or file."</p> }.into_any(),
            all => {
                let rows = containments.with(|held| all.iter().map(|seen| row(seen, held)).collect_view());
                view! { <ul>{rows}</ul> }.into_any()
            }
        })
    };
    view! {
        <section class="card entity-list" aria-labelledby="entities">
            <h2 id="entities">"Entities"</h2>
            {body}
        </section>
    }
    .into_any()
}

fn row(observable: &Observable, containments: &[Containment]) -> impl IntoView + use<> {
    let value = observable.value.clone();
    view! {
        <li>
            <code><Quoted text=defang::observable(observable) /></code>
            <CopyButton text=Signal::derive(move || value.clone()) label="Copy value" />
            <small>{wording::observable_kind(observable.kind)}" "<span class="mono"><Quoted text=observable.field.clone() /></span></small>
            {marks(containments, observable.kind, &observable.value)}
        </li>
    }
}
