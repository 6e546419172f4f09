//! The command palette: a text, and under it what it could mean. The text keeps the focus; the arrows move through the choices.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::components::modal::follow_open;
use crate::components::quoted::Quoted;
use crate::palette::{Act, Choice};

/// More choices than this are not looked at; another word brings them up.
const CHOICES_MAX: usize = 12;

/// The dialog; `find` answers with the choices for a text, `act` carries one out.
#[component]
pub fn Palette(open: RwSignal<bool>, find: Callback<String, Vec<Choice>>, act: Callback<Act>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let found = Signal::derive(move || {
        let mut found = if open.get() { find.run(text.get()) } else { Vec::new() };
        found.truncate(CHOICES_MAX);
        found
    });
    follow_open(dialog, open.into());
    Effect::new(move || {
        if open.get() {
            text.set(String::new());
            at.set(0);
        }
    });
    let choose = Callback::new(move |index: usize| {
        if let Some(choice) = found.with_untracked(|found| found.get(index).cloned()) {
            open.set(false);
            act.run(choice.act);
        }
    });
    let options = move || {
        found.with(|found| found.iter().enumerate().map(|(index, choice)| option(index, choice, at, choose)).collect_view())
    };
    view! {
        <dialog class="palette" node_ref=dialog aria-label="Command palette" on:close=move |_| open.set(false)>
            <PaletteText text at choose last=Signal::derive(move || found.with(Vec::len).saturating_sub(1)) />
            <ul id="palette-choices" role="listbox" aria-label="Choices">{options}</ul>
            <p class="palette-keys faint"><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" move · "<kbd>"Enter"</kbd>" choose · "<kbd>"Esc"</kbd>" close"</p>
        </dialog>
    }
    .into_any()
}

/// The text, and the keys that move through the choices up to the one at `last`.
#[component]
fn PaletteText(text: RwSignal<String>, at: RwSignal<usize>, choose: Callback<usize>, last: Signal<usize>) -> impl IntoView {
    let on_key = move |event: KeyboardEvent| {
        let last = last.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => at.update(|at| *at = at.checked_sub(1).unwrap_or(last)),
            "Enter" => choose.run(at.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let typed = move |event| {
        text.set(event_target_value(&event));
        at.set(0);
    };
    view! {
        <input
            class="palette-text"
            type="text"
            role="combobox"
            aria-label="Command, id or observable"
            aria-expanded="true"
            aria-controls="palette-choices"
            aria-autocomplete="list"
            aria-activedescendant=move || format!("palette-{}", at.get())
            placeholder="Go, run, find an id, an address, a file hash…"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            autofocus
            prop:value=move || text.get()
            on:input=typed
            on:keydown=on_key
        />
    }
    .into_any()
}

fn option(index: usize, choice: &Choice, at: RwSignal<usize>, choose: Callback<usize>) -> impl IntoView + use<> {
    let is_at = move || at.get() == index;
    let keys = (!choice.keys.is_empty()).then(|| view! { <kbd>{choice.keys}</kbd> });
    view! {
        <li
            id=format!("palette-{index}")
            role="option"
            aria-selected=move || if is_at() { "true" } else { "false" }
            on:click=move |_| choose.run(index)
            on:mousemove=move |_| if at.get_untracked() != index { at.set(index) }
        >
            <span><Quoted text=choice.label.clone() /></span>
            <small><Quoted text=choice.hint.clone() /></small>
            {keys}
        </li>
    }
}
