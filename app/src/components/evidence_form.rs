//! Choosing a file to keep with an incident, and how far it is on its way.

use api::ApiError;
use domain::evidence::{EVIDENCE_BYTES_MAX, EVIDENCE_FILES_MAX};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::uploading::{ChosenFile, Sent};
use crate::wording;

/// The form; `why_not` disables it and says why. The field is emptied once nothing is on its way and nothing was refused.
#[component]
pub fn EvidenceForm(
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    #[prop(into)] sent: Signal<Option<Sent>>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    send: Callback<ChosenFile>,
    cancel: Callback<()>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let chosen = RwSignal::new(None::<(String, u64)>);
    let choose = move |_| {
        let file = field.get_untracked().and_then(|field| ChosenFile::of(&field));
        chosen.set(file.map(|file| (file.name, file.size)));
    };
    let busy = Memo::new(move |_| sent.with(Option::is_some));
    let fault = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref().and_then(|(_, size)| fault_of(*size))));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(file) = field.get_untracked().and_then(|field| ChosenFile::of(&field)) {
            send.run(file);
        }
    };
    Effect::new(move |was_busy: Option<bool>| {
        let is_busy = busy.get();
        if was_busy == Some(true) && !is_busy && error.with_untracked(Option::is_none) {
            chosen.set(None);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
        }
        is_busy
    });
    let cannot = move || busy.get() || why_not.get().is_some() || chosen.with(Option::is_none) || fault.get().is_some();
    let limits = format!(
        "One file of at most {}, up to {EVIDENCE_FILES_MAX} for an incident. It is kept as it is, with its SHA-256, and cannot be changed or deleted.",
        wording::bytes(EVIDENCE_BYTES_MAX as u64)
    );
    view! {
        <form class="evidence-form card stack" on:submit=submit>
            <label for="evidence-file">"Keep a file"</label>
            <input id="evidence-file" type="file" node_ref=field aria-describedby="evidence-limits" aria-invalid=move || fault.get().map(|_| "true") disabled=move || why_not.get().is_some() || busy.get() on:change=choose />
            <p id="evidence-limits" class="field-note">
                {move || fault.get().map(|fault| view! { <span class="field-problem" role="alert">{fault}</span>" " })}
                <span class="faint">{limits}</span>
            </p>
            {move || why_not.get().map(|why| view! { <p class="quiet">{why}</p> })}
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
            <Progress sent />
            <p class="row">
                <button type="submit" class="button" disabled=cannot>"Keep file"</button>
                {move || busy.get().then(|| view! { <button type="button" class="button" on:click=move |_| cancel.run(())>"Cancel"</button> })}
            </p>
        </form>
    }
    .into_any()
}

#[component]
fn Progress(sent: Signal<Option<Sent>>) -> impl IntoView {
    let shown = Memo::new(move |_| sent.with(Option::is_some));
    let part = move |part: fn(Sent) -> u64| move || sent.get().map(part).unwrap_or_default().to_string();
    let words = move || sent.get().map(said);
    view! {
        {move || shown.get().then(|| view! { <progress aria-label="Sending" max=part(|sent| sent.of.max(1)) prop:value=part(|sent| sent.bytes)></progress> })}
        <p class="status-line quiet" role="status">{words}</p>
    }
    .into_any()
}

/// "Sending: 41 % of 3.1 MiB"; once all is sent, the server is at work.
fn said(sent: Sent) -> String {
    let Sent { bytes, of } = sent;
    if of > 0 && bytes >= of {
        return format!("{} sent; the server keeps it…", wording::bytes(of));
    }
    format!("Sending: {} % of {}", bytes * 100 / of.max(1), wording::bytes(of))
}

/// Why a file of this size cannot be kept; the server says the same.
fn fault_of(size: u64) -> Option<String> {
    match size {
        0 => Some("The file is empty.".to_owned()),
        size if size > EVIDENCE_BYTES_MAX as u64 => {
            Some(format!("The file has {size} bytes, more than the {EVIDENCE_BYTES_MAX} that one may have."))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Sent, fault_of, said};

    #[test]
    fn how_far_it_is_is_said_in_words() {
        for (bytes, of, expected) in [
            (0, 2_048, "Sending: 0 % of 2 KiB"),
            (1_000, 2_048, "Sending: 48 % of 2 KiB"),
            (2_048, 2_048, "2 KiB sent; the server keeps it…"),
        ] {
            assert_eq!(said(Sent { bytes, of }), expected);
        }
    }

    #[test]
    fn a_file_has_one_byte_to_25_mib() {
        for (size, expected) in [
            (0, Some("The file is empty.")),
            (1, None),
            (26_214_400, None),
            (26_214_401, Some("The file has 26214401 bytes, more than the 26214400 that one may have.")),
        ] {
            assert_eq!(fault_of(size).as_deref(), expected, "{size}");
        }
    }
}
