//! The entities of an incident: what holds them, and in how many others each was seen.

use api::incidents::SeenElsewhere;
use domain::containment::Containment;
use domain::observable::{Observable, ObservableKind};
use leptos::prelude::*;

use crate::components::containment_mark::marks;
use crate::components::copy_button::CopyButton;
use crate::components::quoted::Quoted;
use crate::{address, defang, wording};

/// One row for each value, with the fields that it came from.
#[component]
pub fn EntityTable(
    observables: Vec<Observable>,
    seen_elsewhere: Vec<SeenElsewhere>,
    containments: Vec<Containment>,
) -> impl IntoView {
    let mut rows: Vec<(Observable, Vec<String>)> = Vec::new();
    for observable in observables {
        match rows.iter_mut().find(|(known, _)| (known.kind, &known.value) == (observable.kind, &observable.value)) {
            Some((_, fields)) if fields.contains(&observable.field) => {}
            Some((_, fields)) => fields.push(observable.field),
            None => rows.push((observable.clone(), vec![observable.field])),
        }
    }
    let others = |entity: &Observable| {
        let same = |seen: &&SeenElsewhere| (seen.kind, &seen.value) == (entity.kind, &entity.value);
        seen_elsewhere.iter().find(same).map_or(0, |seen| seen.incidents)
    };
    let one = |(entity, fields): &(Observable, Vec<String>)| {
        row(entity, (&fields.join(", "), others(entity)), marks(&containments, entity.kind, &entity.value))
    };
    let rows = rows.iter().map(one).collect_view();
    view! {
        <table class="entity-table table">
            <caption class="heard-only">"Entities"</caption>
            <thead><tr><th scope="col">"Kind"</th><th scope="col">"Value"</th><th scope="col">"From"</th><th scope="col">"Seen in"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(entity: &Observable, (fields, others): (&str, u32), marks: Vec<AnyView>) -> impl IntoView + use<> {
    let value = entity.value.clone();
    let words = match others {
        0 => "this incident only".to_owned(),
        others => wording::count(others.into(), "other incident", "other incidents"),
    };
    view! {
        <tr>
            <td class="quiet">{wording::observable_kind(entity.kind)}</td>
            <td class="cell-value"><code><Quoted text=defang::observable(entity) /></code><CopyButton text=Signal::stored(value) label="Copy value" />{marks}</td>
            <td class="mono faint"><Quoted text=fields /></td>
            <td>{if others == 0 { view! { <span class="faint">{words}</span> }.into_any() } else { view! { <a href=address(entity.kind, &entity.value)>{words}</a> }.into_any() }}</td>
        </tr>
    }
}

/// The list of the incidents that this entity was seen in.
pub fn address(kind: ObservableKind, value: &str) -> String {
    format!("/incidents?observable={}", address::escaped(&format!("{kind}:{value}")))
}
