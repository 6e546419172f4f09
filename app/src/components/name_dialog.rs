//! Asks for a short name.

use api::ApiError;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::components::error_notice::ErrorNotice;
use crate::components::modal::Modal;
use crate::components::quoted::ShownAs;

/// The dialog, open while `asked` holds the name to begin with; `confirm` gets the new one.
#[component]
pub fn NameDialog(
    asked: RwSignal<Option<String>>,
    label: &'static str,
    /// Unique on the page.
    name: &'static str,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] error: Signal<Option<ApiError>>,
    confirm: Callback<String>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    Effect::new(move || text.set(asked.get().unwrap_or_default()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        confirm.run(text.get_untracked());
    };
    let field = format!("{name}-text");
    view! {
        <Modal open=Signal::derive(move || asked.with(Option::is_some)) close=Callback::new(move |()| asked.set(None)) label=label.to_owned() name>
            <form class="stack" on:submit=submit>
                {move || error.get().map(|error| view! { <ErrorNotice error /> })}
                <label for=field.clone()>"Name"</label>
                <input id=field type="text" autocomplete="off" required autofocus prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event)) />
                <ShownAs typed=text />
                <div class="modal-actions">
                    <button type="button" class="button" on:click=move |_| asked.set(None)>"Cancel"</button>
                    <button type="submit" class="button primary" disabled=move || busy.get() || text.with(|text| text.trim().is_empty())>"Save"</button>
                </div>
            </form>
        </Modal>
    }
    .into_any()
}
