//! Writing a note.

use api::ApiError;
use domain::note::NOTE_BYTES_MAX;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::quoted::ShownAs;

/// The form. The text belongs to the page, which empties it once the note is stored.
#[component]
pub fn NoteForm(
    text: RwSignal<String>,
    #[prop(into)] why_not: Signal<Option<&'static str>>,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    add: Callback<String>,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        add.run(text.get_untracked().trim().to_owned());
    };
    let too_long = move || text.with(|text| text.len() > NOTE_BYTES_MAX);
    let cannot = move || why_not.get().is_some() || busy.get() || too_long() || text.with(|text| text.trim().is_empty());
    view! {
        <form class="note-form card stack" on:submit=submit>
            <label for="note-text">"New note"</label>
            <textarea
                id="note-text"
                disabled=move || why_not.get().is_some()
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <ShownAs typed=text />
            {move || too_long().then(|| view! { <p class="quiet" role="status">"Longer than a note may be: 16 KiB."</p> })}
            {move || why_not.get().map(|why| view! { <p class="quiet">{why}</p> })}
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
            <p><button type="submit" class="button" disabled=cannot>"Add note"</button></p>
        </form>
    }
    .into_any()
}
