//! Asks for the reason of a move by hand, and for the verdict of one that closes.

use api::ApiError;
use domain::incident::{State, TRANSITION_REASON_BYTES_MAX, TRANSITION_REASON_LETTERS_MIN, verdict_required};
use domain::text::letters_of;
use domain::verdict::Verdict;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::components::quoted::ShownAs;
use crate::components::verdict_choice::VerdictChoice;
use crate::wording;

/// A move that waits for its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: State,
    pub to: State,
}

impl Move {
    /// Must it name a verdict, if the incident has this one?
    fn requires_verdict(self, current: Verdict) -> bool {
        verdict_required(self.from, self.to, current)
    }
}

/// A move with its reason and, where it closes the incident, the verdict; without one the verdict stays as it is.
pub type Answered = (Move, String, Option<Verdict>);

/// The dialog for `asked`; `confirm` gets the move and its reason. What was typed stays until the move is done or dropped.
#[component]
pub fn TransitionDialog(
    asked: RwSignal<Option<Move>>,
    /// The incident's verdict now.
    #[prop(into)]
    current: Signal<Verdict>,
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
            <ReasonForm asked current busy confirm />
        </Modal>
    }
    .into_any()
}

#[component]
fn ReasonForm(
    asked: RwSignal<Option<Move>>,
    current: Signal<Verdict>,
    busy: Signal<bool>,
    confirm: Callback<Answered>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let verdict = RwSignal::new(None::<Verdict>);
    Effect::new(move || {
        if asked.get().is_none() {
            reason.set(String::new());
            verdict.set(None);
        }
    });
    let enough = move || {
        let lacks_verdict = verdict.get().is_none() && asked.get().is_some_and(|asked| asked.requires_verdict(current.get()));
        !lacks_verdict && reason.with(|reason| letters_of(reason) >= TRANSITION_REASON_LETTERS_MIN)
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let (Some(asked), true) = (asked.get_untracked(), untrack(enough)) {
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
            <ShownAs typed=reason />
            <ClosingVerdict asked current verdict />
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| asked.set(None)>"Cancel"</button>
                <button type="submit" class="button primary" disabled=move || busy.get() || !enough()>{button}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The question for the verdict; only the move to closed has it.
#[component]
fn ClosingVerdict(asked: RwSignal<Option<Move>>, current: Signal<Verdict>, verdict: RwSignal<Option<Verdict>>) -> impl IntoView {
    let closes = Memo::new(move |_| asked.get().is_some_and(|asked| asked.to == State::Closed));
    let kept = Signal::derive(move || {
        let required = asked.get().is_some_and(|asked| asked.requires_verdict(current.get()));
        (!required).then(|| format!("As it is: {}", current.get()))
    });
    move || closes.get().then(|| view! { <VerdictChoice id="closing-verdict" verdict kept /> })
}
