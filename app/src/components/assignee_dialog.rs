//! Who works on an incident.

use domain::user::UserRef;
use leptos::prelude::*;

use crate::components::modal::Modal;
use crate::components::quoted::Quoted;

/// The dialog; a choice is made at once. `None` is nobody.
#[component]
pub fn AssigneeDialog(
    #[prop(into)] open: Signal<bool>,
    close: Callback<()>,
    #[prop(into)] people: Signal<Vec<UserRef>>,
    #[prop(into)] assignee: Signal<Option<String>>,
    confirm: Callback<Option<String>>,
) -> impl IntoView {
    let choice = move |username: Option<String>| {
        let label = username.clone().unwrap_or_else(|| "nobody".to_owned());
        let known = username.clone();
        let is_now = move || (assignee.get() == known).then_some("true");
        view! {
            <li><button type="button" class="button" aria-pressed=is_now on:click=move |_| confirm.run(username.clone())><Quoted text=label /></button></li>
        }
    };
    let choices = move || {
        let people = people.get().into_iter().map(|user| Some(user.username));
        people.chain([None]).map(choice).collect_view()
    };
    view! {
        <Modal open close label="Assign to".to_owned() name="assignee">
            <ul class="assignee-choices">{choices}</ul>
            <div class="modal-actions"><button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button></div>
        </Modal>
    }
    .into_any()
}
