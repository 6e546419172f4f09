//! Where several incidents go, and why.

use domain::incident::{State, TRANSITION_REASON_BYTES_MAX};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::wording;

/// The dialog; `states` are those that any of them may go to.
#[component]
pub fn BulkMoveDialog(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] count: Signal<usize>,
    #[prop(into)] states: Signal<Vec<State>>,
    confirm: Callback<(State, String)>,
) -> impl IntoView {
    let to = RwSignal::new(None::<State>);
    let reason = RwSignal::new(String::new());
    Effect::new(move || {
        if open.get() {
            to.set(states.with_untracked(|states| states.first().copied()));
            reason.set(String::new());
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(to) = to.get_untracked() {
            confirm.run((to, reason.get_untracked().trim().to_owned()));
        }
    };
    let choice = move |state: State| {
        let checked = move || to.get() == Some(state);
        view! { <label><input type="radio" name="move-to" prop:checked=checked on:change=move |_| to.set(Some(state)) />" "{wording::state(state)}</label> }
    };
    let choices = move || states.get().into_iter().map(choice).collect_view();
    let nowhere = move || {
        states.with(Vec::is_empty).then(|| view! { <p class="quiet">"None of them can be moved by hand now: a run is active, or they wait for approval."</p> })
    };
    let lacks_reason = move || to.get() != Some(State::InProgress) && reason.with(|reason| reason.trim().is_empty());
    let label = Signal::derive(move || format!("Move {}", wording::count(count.get() as u64, "incident", "incidents")));
    view! {
        <Modal open close label name="bulk-move">
            <form class="stack" on:submit=submit>
                <fieldset class="stack-tight"><legend class="heard-only">"Where to"</legend>{choices}{nowhere}</fieldset>
                <label for="bulk-reason">"Reason"</label>
                <textarea id="bulk-reason" maxlength=TRANSITION_REASON_BYTES_MAX.to_string() prop:value=move || reason.get() on:input=move |event| reason.set(event_target_value(&event))></textarea>
                <p class="faint">"It is kept with each of them. Those that may not go there are told apart afterwards."</p>
                <div class="modal-actions">
                    <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                    <button type="submit" class="button primary" disabled=move || to.with(Option::is_none) || lacks_reason()>"Move"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}
