//! Asks for the reason of a move by hand, and for the verdict when what was resolved is closed.

use api::ApiError;
use domain::incident::{State, TRANSITION_REASON_BYTES_MAX, TRANSITION_REASON_CHARS_MIN};
use domain::verdict::Verdict;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::wording;

/// A move that waits for its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: State,
    pub to: State,
}

/// A move with its reason and, where it closes the incident, the verdict; without one the verdict stays as it is.
pub type Answered = (Move, String, Option<Verdict>);

/// The dialog for `asked`; `confirm` gets the move and its reason. What was typed stays until the move is done or dropped.
#[component]
pub fn TransitionDialog(
    asked: RwSignal<Option<Move>>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    confirm: Callback<Answered>,
) -> impl IntoView {
    let label = Signal::derive(move || {
        asked.get().map_or_else(String::new, |asked| format!("{} incident", wording::transition(asked.from, asked.to)))
    });
    view! {
        <Modal open=Signal::derive(move || asked.get().is_some()) close=Callback::new(move |()| asked.set(None)) label name="transition">
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
            <ReasonForm asked busy confirm />
        </Modal>
    }
    .into_any()
}

#[component]
fn ReasonForm(asked: RwSignal<Option<Move>>, busy: Signal<bool>, confirm: Callback<Answered>) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let verdict = RwSignal::new(None::<Verdict>);
    Effect::new(move || {
        if asked.get().is_none() {
            reason.set(String::new());
            verdict.set(None);
        }
    });
    let enough = move || reason.with(|reason| reason.trim().chars().count() >= TRANSITION_REASON_CHARS_MIN);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(asked), true) = (asked.get_untracked(), enough()) {
            confirm.run((asked, reason.get_untracked().trim().to_owned(), verdict.get_untracked()));
        }
    };
    let question = move || asked.get().map_or("", |asked| wording::transition_question(asked.from, asked.to));
    let button = move || asked.get().map_or("Move", |asked| wording::transition(asked.from, asked.to));
    view! {
        <form class="transition-dialog stack" on:submit=submit>
            <label for="transition-reason">"Reason"</label>
            <p class="quiet" id="transition-question">{question}</p>
            <textarea
                id="transition-reason"
                aria-describedby="transition-question"
                required
                maxlength=TRANSITION_REASON_BYTES_MAX.to_string()
                prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event))
            ></textarea>
            <ClosingVerdict asked verdict />
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| asked.set(None)>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || busy.get() || !enough()>{button}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The question for the verdict; only the move from resolved to closed has it.
#[component]
fn ClosingVerdict(asked: RwSignal<Option<Move>>, verdict: RwSignal<Option<Verdict>>) -> impl IntoView {
    let closes = Memo::new(move |_| asked.get() == Some(Move { from: State::Resolved, to: State::Closed }));
    let given = [Verdict::Benign, Verdict::Suspicious, Verdict::Malicious];
    let options = move || given.map(|verdict| view! { <option value=verdict.as_str()>{verdict.as_str()}</option> });
    move || {
        closes.get().then(|| {
            view! {
                <label for="closing-verdict">"Closing verdict"</label>
                <select id="closing-verdict" on:change=move |event| verdict.set(event_target_value(&event).parse().ok())>
                    <option value="">"As it is"</option>
                    {options()}
                </select>
            }
        })
    }
}
