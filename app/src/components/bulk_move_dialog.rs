//! Where several incidents go, why, and with which verdict they are closed.

use domain::incident::{State, TRANSITION_REASON_BYTES_MAX, TRANSITION_REASON_LETTERS_MIN};
use domain::text::letters_of;
use domain::verdict::Verdict;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::components::quoted::ShownAs;
use crate::components::verdict_choice::VerdictChoice;
use crate::wording;

/// A move with its reason and, where it closes them, the verdict of them all; without one each keeps its own.
pub type BulkMove = (State, String, Option<Verdict>);

/// The dialog; `states` are those that any of them may go to. Closing needs a verdict if `lacks_verdict` says so.
#[component]
pub fn BulkMoveDialog(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] count: Signal<usize>,
    #[prop(into)] states: Signal<Vec<State>>,
    #[prop(into)] lacks_verdict: Signal<bool>,
    confirm: Callback<BulkMove>,
) -> impl IntoView {
    let to = RwSignal::new(None::<State>);
    let reason = RwSignal::new(String::new());
    let verdict = RwSignal::new(None::<Verdict>);
    Effect::new(move || {
        if open.get() {
            to.set(states.with_untracked(|states| states.first().copied()));
            reason.set(String::new());
            verdict.set(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(to) = to.get_untracked() {
            let verdict = verdict.get_untracked().filter(|_| to == State::Closed);
            confirm.run((to, reason.get_untracked().trim().to_owned(), verdict));
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
    let closes = Memo::new(move |_| to.get() == Some(State::Closed));
    let kept = Signal::derive(move || (!lacks_verdict.get()).then(|| "As each has it".to_owned()));
    let closing = move || closes.get().then(|| view! { <VerdictChoice id="bulk-verdict" verdict kept /> });
    let undecided = move || closes.get() && lacks_verdict.get() && verdict.with(Option::is_none);
    let says_too_little = move || reason.with(|reason| letters_of(reason) < TRANSITION_REASON_LETTERS_MIN);
    let lacks_reason = move || to.get() != Some(State::InProgress) && says_too_little();
    let label = Signal::derive(move || format!("Move {}", wording::count(count.get() as u64, "incident", "incidents")));
    view! {
        <Modal open close label name="bulk-move">
            <form class="stack" on:submit=submit>
                <fieldset class="stack-tight"><legend class="heard-only">"Where to"</legend>{choices}{nowhere}</fieldset>
                <label for="bulk-reason">"Reason"</label>
                <textarea id="bulk-reason" maxlength=TRANSITION_REASON_BYTES_MAX.to_string() prop:value=move || reason.get() on:input=move |event| reason.set(event_target_value(&event))></textarea>
                <ShownAs typed=reason />
                {closing}
                <p class="faint">"It is kept with each of them. Those that may not go there are told apart afterwards."</p>
                <div class="modal-actions">
                    <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                    <button type="submit" class="button primary" disabled=move || to.with(Option::is_none) || lacks_reason() || undecided()>"Move"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}
