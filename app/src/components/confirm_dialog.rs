//! Asks before something that cannot be taken back, or that hits somebody else.

use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::components::quoted::Quoted;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<T> {
    pub about: T,
    pub title: String,
    /// What will happen.
    pub words: String,
    /// What the button says.
    pub act: &'static str,
}

/// The dialog for `asked`; `confirm` gets what it was about. `name` is unique on the page.
#[component]
pub fn ConfirmDialog<T: Clone + Send + Sync + 'static>(
    asked: RwSignal<Option<Question<T>>>,
    name: &'static str,
    confirm: Callback<T>,
) -> impl IntoView {
    let read = move |part: fn(&Question<T>) -> String| asked.with(|asked| asked.as_ref().map(part).unwrap_or_default());
    let label = Signal::derive(move || read(|asked| asked.title.clone()));
    let act = move |_| {
        if let Some(question) = asked.get_untracked() {
            confirm.run(question.about);
        }
        asked.set(None);
    };
    view! {
        <Modal open=Signal::derive(move || asked.with(Option::is_some)) close=Callback::new(move |()| asked.set(None)) label name>
            <p>{move || view! { <Quoted text=read(|asked| asked.words.clone()) /> }}</p>
            <div class="modal-actions">
                <button type="button" class="button" on:click=move |_| asked.set(None)>"Cancel"</button>
                <button type="button" class="button bad" on:click=act>{move || read(|asked| asked.act.to_owned())}</button>
            </div>
        </Modal>
    }
    .into_any()
}
