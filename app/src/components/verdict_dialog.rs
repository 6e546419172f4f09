//! What an analyst believes about an incident, and why. It changes the score, for everybody to see.

use api::ApiError;
use domain::incident::editing::{VERDICT_REASON_BYTES_MAX, VERDICT_REASON_LETTERS_MIN};
use domain::text::letters_of;
use domain::verdict::Verdict;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::components::quoted::ShownAs;

/// The dialog; `confirm` gets the verdict and its reason.
#[component]
pub fn VerdictDialog(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] verdict: Signal<Verdict>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    confirm: Callback<(Verdict, String)>,
) -> impl IntoView {
    let chosen = RwSignal::new(Verdict::Unknown);
    let reason = RwSignal::new(String::new());
    Effect::new(move || {
        if open.get() {
            chosen.set(verdict.get_untracked());
            reason.set(String::new());
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        confirm.run((chosen.get_untracked(), reason.get_untracked().trim().to_owned()));
    };
    let choice = move |value: Verdict| {
        view! { <label><input type="radio" name="verdict" prop:checked=move || chosen.get() == value on:change=move |_| chosen.set(value) />" "{value.as_str()}</label> }
    };
    let choices = Verdict::ALL.iter().map(|value| choice(*value)).collect_view();
    let cannot = move || busy.get() || reason.with(|reason| letters_of(reason) < VERDICT_REASON_LETTERS_MIN);
    view! {
        <Modal open close label="Set the verdict".to_owned() name="verdict">
            <form class="verdict-dialog stack" on:submit=submit>
                {move || error.get().map(|error| view! { <ErrorNotice error /> })}
                <fieldset class="row"><legend class="heard-only">"Verdict"</legend>{choices}</fieldset>
                <label for="verdict-reason">"Reason"</label>
                <textarea id="verdict-reason" required maxlength=VERDICT_REASON_BYTES_MAX.to_string() prop:value=move || reason.get() on:input=move |event| reason.set(event_target_value(&event))></textarea>
                <ShownAs typed=reason />
                <p class="faint">"Malicious adds 20 points, suspicious 10, benign takes 30 away. You contribute to this incident by it, and cannot sign its approvals."</p>
                <div class="modal-actions">
                    <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                    <button type="submit" class="button primary" disabled=cannot>"Set verdict"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}
