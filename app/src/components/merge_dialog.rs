//! Into which incident a duplicate goes, and what that means, said before it is done.

use api::ApiError;
use api::incidents::{IncidentView, SimilarIncident};
use domain::id::IncidentId;
use domain::incident::merging::may_take_duplicate;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::components::quoted::{Quoted, ShownAs};
use crate::components::severity_mark::SeverityMark;
use crate::components::similar_list::shared_words;
use crate::components::state_mark::StateMark;
use crate::{defang, wording};

/// The dialog about `duplicate`. `typed` is the id of the other incident, `target` what is known of it; `confirm` gets its id.
#[component]
pub fn MergeDialog(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] duplicate: Signal<IncidentView>,
    #[prop(into)] similar: Signal<Vec<SimilarIncident>>,
    typed: RwSignal<String>,
    #[prop(into)] target: Signal<Option<Result<IncidentView, ApiError>>>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    confirm: Callback<IncidentId>,
) -> impl IntoView {
    let label = Signal::derive(move || format!("Merge {} into another incident", duplicate.with(|duplicate| duplicate.id)));
    let into = Memo::new(move |_| target.with(|target| target.as_ref()?.as_ref().ok().map(|target| target.id)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(into) = into.get_untracked() {
            confirm.run(into);
        }
    };
    let itself = Memo::new(move |_| typed.with(|typed| typed_id(typed)) == Some(duplicate.with(|duplicate| duplicate.id)));
    let about = move || match target.get() {
        _ if itself.get() => view! { <p class="field-problem" role="alert">"That is this incident itself."</p> }.into_any(),
        Some(Ok(target)) => view! { <Consequences duplicate target /> }.into_any(),
        Some(Err(error)) => view! { <ErrorNotice error /> }.into_any(),
        None => view! { <p class="quiet">"Choose one, or type its id. Nothing happens before you have read what will."</p> }
            .into_any(),
    };
    view! {
        <Modal open close label name="merge">
            <form class="merge-dialog stack" on:submit=submit>
                <Offered similar typed />
                <label for="merge-into">"Id of the other incident"</label>
                <input id="merge-into" class="mono" type="text" placeholder="INC-0000000412" autocomplete="off" spellcheck="false" prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event)) />
                <ShownAs typed />
                <div aria-live="polite">{about}</div>
                {move || error.get().map(|error| view! { <ErrorNotice error /> })}
                <div class="modal-actions">
                    <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                    <button type="submit" class="button bad" disabled=move || busy.get() || itself.get() || into.with(Option::is_none)>"Merge"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}

/// The similar incidents that may take it.
#[component]
fn Offered(similar: Signal<Vec<SimilarIncident>>, typed: RwSignal<String>) -> impl IntoView {
    let choice = move |one: &SimilarIncident| {
        let id = one.id;
        let checked = move || typed.with(|typed| typed_id(typed)) == Some(id);
        let reason = shared_words(&one.shared);
        view! {
            <label>
                <input type="radio" name="merge-similar" prop:checked=checked on:change=move |_| typed.set(id.to_string()) />
                <span class="stack-tight">
                    <span class="row"><SeverityMark severity=one.severity /><span class="mono faint">{id.to_string()}</span><StateMark state=one.state /></span>
                    <span><Quoted text=defang::text(&one.title) /></span>
                    <small>{reason}</small>
                </span>
            </label>
        }
    };
    let may_take = |one: &&SimilarIncident| may_take_duplicate(one.state);
    let choices = move || similar.with(|similar| similar.iter().filter(may_take).map(choice).collect_view());
    let any = Memo::new(move |_| similar.with(|similar| similar.iter().any(|one| may_take_duplicate(one.state))));
    move || any.get().then(|| view! { <fieldset class="merge-choices"><legend>"Similar incidents"</legend>{choices}</fieldset> })
}

/// What will happen.
#[component]
fn Consequences(duplicate: Signal<IncidentView>, target: IncidentView) -> impl IntoView {
    let (into, title) = (target.id, defang::text(&target.title));
    let moved = move || {
        duplicate.with(|duplicate| {
            let alerts = wording::count(duplicate.alert_count.into(), "alert", "alerts");
            let go = if duplicate.alert_count == 1 { "goes" } else { "go" };
            format!("{alerts} of {} {go} to {into}", duplicate.id)
        })
    };
    let from = move || duplicate.with(|duplicate| duplicate.id.to_string());
    view! {
        <div class="merge-consequences stack-tight">
            <p class="row"><SeverityMark severity=target.severity /><span class="mono faint">{into.to_string()}</span><StateMark state=target.state /></p>
            <p><b><Quoted text=title /></b></p>
            <ul>
                <li>{moved}", with what is named there and who contributed. "{into.to_string()}" is scored anew."</li>
                <li>{from}" is closed for good as its duplicate: it cannot be opened again."</li>
                <li>"Notes, tasks, files and runs of "{from}" stay where they are."</li>
            </ul>
        </div>
    }
    .into_any()
}

/// The id that a person means: as it is written, in small letters, or its bare number.
pub fn typed_id(text: &str) -> Option<IncidentId> {
    let text = text.trim();
    let number = (!text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse());
    match number {
        Some(number) => number.ok().map(IncidentId::new),
        None => text.to_uppercase().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use domain::id::IncidentId;

    use super::typed_id;

    #[test]
    fn an_id_is_read_as_people_write_it() {
        for (text, expected) in [
            ("INC-0000000412", Some(412)),
            (" inc-0000000412 ", Some(412)),
            ("412", Some(412)),
            ("", None),
            ("RUN-0000000412", None),
            ("41x", None),
            ("99999999999", None),
        ] {
            assert_eq!(typed_id(text), expected.map(IncidentId::new), "{text}");
        }
    }
}
