//! Names and what stands there, as it was read: text only.

use domain::visible::Place;
use leptos::prelude::*;

use crate::alert_reading::Field;
use crate::components::quoted::Quoted;
use crate::defang;

/// The fields in the order given.
#[component]
pub fn FieldTable(label: &'static str, fields: Vec<Field>) -> impl IntoView {
    let row = |field: Field| view! { <tr><th scope="row"><code><Quoted text=field.name /></code></th><td><Quoted text=defang::text(&field.value) place=Place::Lines /></td></tr> };
    view! {
        <section class="card" aria-labelledby="fields">
            <h2 id="fields">{label}</h2>
            <table class="field-table"><tbody>{fields.into_iter().map(row).collect_view()}</tbody></table>
        </section>
    }
    .into_any()
}
