//! One line that a person types, with its label, a note, and what the server found wrong with it.

use api::ApiError;
use leptos::prelude::*;

use crate::components::quoted::{Quoted, ShownAs};

/// What is typed, so that browsers and password managers help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Text,
    Username,
    NewPassword,
    CurrentPassword,
}

impl Entry {
    const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Username => "text",
            Self::NewPassword | Self::CurrentPassword => "password",
        }
    }

    /// Can what is typed be read in the field?
    const fn is_shown(self) -> bool {
        matches!(self, Self::Text | Self::Username)
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Text => "off",
            Self::Username => "username",
            Self::NewPassword => "new-password",
            Self::CurrentPassword => "current-password",
        }
    }
}

/// The field. `id` is unique on the page; `pointer` is where the server names what is wrong with it.
#[component]
pub fn TextField(
    label: &'static str,
    id: &'static str,
    entry: Entry,
    value: RwSignal<String>,
    pointer: &'static str,
    #[prop(into)] error: Signal<Option<ApiError>>,
    #[prop(optional)] note: &'static str,
) -> impl IntoView {
    let problem = problem_at(error, pointer);
    let described = format!("{id}-note");
    view! {
        <div class="text-field">
            <label for=id>{label}</label>
            <input
                id=id
                type=entry.kind()
                autocomplete=entry.autocomplete()
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described.clone()
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {entry.is_shown().then(|| view! { <ShownAs typed=value /> })}
            <p id=described class="field-note">
                {move || problem.get().map(|problem| view! { <span class="field-problem"><Quoted text=problem /></span> })}
                {(!note.is_empty()).then(|| view! { <span class="faint">{note}</span> })}
            </p>
        </div>
    }
    .into_any()
}

/// What the server found wrong at this place; of a list also with one of its items.
pub fn problem_at(error: Signal<Option<ApiError>>, pointer: &'static str) -> Memo<Option<String>> {
    Memo::new(move |_| {
        let concerns = |at: &str| at == pointer || at.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'));
        error.with(|error| error.as_ref()?.errors.iter().find(|fault| concerns(&fault.pointer)).map(|fault| fault.detail.clone()))
    })
}
