//! That an entity is held: by a word and a lock, with the way to the run that did it.

use domain::containment::Containment;
use domain::observable::ObservableKind;
use leptos::prelude::*;

use crate::components::age::TimeOfDay;
use crate::components::icon::{Icon, IconName};
use crate::preferences::Preferences;
use crate::time_text;

/// "blocked until 10:02:00, simulated".
#[component]
pub fn ContainmentMark(containment: Containment) -> impl IntoView {
    let preferences = expect_context::<Preferences>();
    let Containment { measure, since, until, simulated, run_id, incident_id, .. } = containment;
    let title = move || {
        format!("{measure} since {} by {run_id} of {incident_id}", time_text::absolute(since, &preferences.offset(since)))
    };
    view! {
        <a class="containment-mark" href=format!("/runs/{run_id}") title=title>
            <Icon name=IconName::Lock />
            <b>{measure.as_str()}</b>
            {until.map(|at| view! { <span>"until "<TimeOfDay at /></span> })}
            {simulated.then_some(view! { <span>"(simulated)"</span> })}
        </a>
    }
    .into_any()
}

/// The marks of this entity.
pub fn marks(containments: &[Containment], kind: ObservableKind, value: &str) -> Vec<AnyView> {
    let of_entity = containments.iter().filter(|held| held.kind == kind && held.value == value);
    of_entity.map(|held| view! { <ContainmentMark containment=held.clone() /> }.into_any()).collect()
}
