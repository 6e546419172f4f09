//! The notes of an incident: reading them, and writing one.

use api::incidents::NoteRequest;
use domain::access::Permission;
use leptos::prelude::*;

use super::Screen;
use crate::components::note_form::NoteForm;
use crate::components::note_list::NoteList;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::incidents::add_note;

/// The form above, the notes below.
#[component]
pub fn NotesSection(screen: Screen) -> impl IntoView {
    let notices = expect_context::<Notices>();
    let live = expect_context::<Live>();
    let text = RwSignal::new(String::new());
    let id = screen.id;
    let adding = Action::new(move |note: &String| {
        let request = NoteRequest { text: note.clone() };
        async move {
            let outcome = add_note(id, request).await;
            if outcome.is_ok() {
                text.set(String::new());
                notices.good("The note is stored");
                live.raise_incident(id);
            }
            outcome
        }
    });
    let notes = Signal::derive(move || screen.detail.with(|detail| detail.notes.clone()));
    let error = Signal::derive(move || adding.value().get().and_then(Result::err));
    let add = Callback::new(move |note| drop(adding.dispatch(note)));
    view! {
        <div class="stack">
            <h2>"Notes"</h2>
            <NoteForm text why_not=screen.why_not(Permission::WriteNote) busy=adding.pending() error add />
            <NoteList notes />
        </div>
    }
    .into_any()
}
