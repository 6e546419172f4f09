//! Which entries of the audit log are wanted: who, what, on which incident, from when to when.

use api::audit::AuditFilter;
use domain::audit::AuditAction;
use domain::timestamp::Timestamp;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::audit_address;
use crate::components::quoted::ShownAs;

/// The form; `apply` gets what was typed once it is sent.
#[component]
pub fn AuditFilterForm(#[prop(into)] filter: Signal<AuditFilter>, apply: Callback<AuditFilter>) -> impl IntoView {
    let typed = move |read: fn(&AuditFilter) -> Option<String>| {
        let text = RwSignal::new(String::new());
        Effect::new(move || text.set(filter.with(read).unwrap_or_default()));
        text.set(filter.with_untracked(read).unwrap_or_default());
        text
    };
    let actor = typed(|filter| filter.actor.clone());
    let action = typed(|filter| filter.action.map(|action| action.to_string()));
    let incident = typed(|filter| filter.incident_id.map(|id| id.to_string()));
    let from = typed(|filter| filter.from.map(local));
    let to = typed(|filter| filter.to.map(local));
    let fields = [("actor", actor), ("action", action), ("incident_id", incident), ("from", from), ("to", to)];
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let get = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, text)| text.get_untracked());
        apply.run(audit_address::parse(get));
    };
    let any = move || filter.with(|filter| *filter != AuditFilter::default());
    view! {
        <form class="audit-filter" role="search" aria-label="Filter entries" on:submit=submit>
            {field("audit-actor", "Actor", "text", "user, key or system", actor)}
            <p>
                <label for="audit-action">"Action"</label>
                <select id="audit-action" prop:value=move || action.get() on:change=move |event| action.set(event_target_value(&event))>
                    <option value="">"any"</option>
                    {AuditAction::ALL.iter().map(|known| view! { <option value=known.as_str() selected=action.get_untracked() == known.as_str()>{known.as_str()}</option> }).collect_view()}
                </select>
            </p>
            {field("audit-incident", "Incident", "text", "INC-0000000001", incident)}
            {field("audit-from", "From, UTC", "datetime-local", "", from)}
            {field("audit-to", "Until, UTC", "datetime-local", "", to)}
            <p class="row">
                <button type="submit" class="button">"Filter"</button>
                {move || any().then(|| view! { <a class="button" href="/audit">"Clear"</a> })}
            </p>
        </form>
    }
    .into_any()
}

fn field(id: &'static str, label: &'static str, kind: &'static str, hint: &'static str, text: RwSignal<String>) -> AnyView {
    view! {
        <p>
            <label for=id>{label}</label>
            <input id=id type=kind placeholder=hint step="1" autocomplete="off" prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
            <ShownAs typed=text />
        </p>
    }
    .into_any()
}

/// As the browser's field for times wants it: without fractions and zone.
fn local(at: Timestamp) -> String {
    at.to_string().chars().take("2026-03-11T10:00:00".len()).collect()
}
