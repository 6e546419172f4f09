//! The notes on an incident.

use domain::note::Note;
use domain::visible::Place;
use leptos::prelude::*;

use crate::components::age::Ago;
use crate::components::empty_state::EmptyState;
use crate::components::quoted::Quoted;
use crate::defang;

/// The notes in the order of the answer.
#[component]
pub fn NoteList(#[prop(into)] notes: Signal<Vec<Note>>) -> impl IntoView {
    move || {
        notes.with(|notes| match notes.as_slice() {
            [] => view! { <EmptyState title="No notes yet"><p class="quiet">"Write down what you find: the next shift reads it here."</p></EmptyState> }
                .into_any(),
            all => view! { <ul class="note-list">{all.iter().map(note).collect_view()}</ul> }.into_any(),
        })
    }
}

fn note(note: &Note) -> impl IntoView + use<> {
    view! {
        <li class="card note">
            <p class="quiet"><b><Quoted text=note.author.username.clone() /></b>" "<Ago at=note.created_at /></p>
            <p class="note-text"><Quoted text=defang::text(&note.text) place=Place::Lines /></p>
        </li>
    }
}
