//! Where somebody signs: the digest, the reason, and two plainly different buttons.

use domain::approval::{Decision, REASON_BYTES_MAX, REASON_LETTERS_MIN};
use domain::digest::Digest;
use domain::text::letters_of;
use leptos::prelude::*;

use crate::components::digest_text::DigestText;
use crate::components::icon::{Icon, IconName};
use crate::components::quoted::ShownAs;

/// The form. What is typed belongs to the page, which keeps it whatever happens.
#[component]
pub fn Signature(
    digest: Digest,
    reason: RwSignal<String>,
    #[prop(into)] busy: Signal<bool>,
    decide: Callback<Decision>,
) -> impl IntoView {
    let letters = move || reason.with(|reason| letters_of(reason));
    let missing = move || REASON_LETTERS_MIN.saturating_sub(letters());
    let too_long = move || reason.with(|reason| reason.len() > REASON_BYTES_MAX);
    let cannot = move || busy.get() || missing() > 0 || too_long();
    let counter = move || match missing() {
        _ if too_long() => "too long".to_owned(),
        0 => format!("{} letters and digits", letters()),
        missing => format!("{missing} more letters or digits needed"),
    };
    view! {
        <section class="signature" aria-labelledby="signature">
            <h2 id="signature">"Your signature"</h2>
            <p class="quiet">"You sign this plan, not a name. If anything in it changes, your signature no longer counts."</p>
            <DigestText digest=Signal::stored(digest) />
            <label for="reason">"Reason"</label>
            <textarea
                id="reason"
                placeholder="Why is this right? At least 10 letters and digits."
                aria-describedby="reason-counter"
                prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event))
            ></textarea>
            <ShownAs typed=reason />
            <p id="reason-counter" class="faint">{counter}</p>
            <div class="signature-buttons">
                <button type="button" class="button primary" disabled=cannot on:click=move |_| decide.run(Decision::Approve)>
                    <Icon name=IconName::Check />"Approve"
                </button>
                <button type="button" class="button bad" disabled=cannot on:click=move |_| decide.run(Decision::Reject)>
                    <Icon name=IconName::Cross />"Reject"
                </button>
            </div>
        </section>
    }
    .into_any()
}
