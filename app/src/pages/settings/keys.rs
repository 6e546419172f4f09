//! API keys, for admins: made and shown once, then only revoked.

use api::api_keys::{ApiKeyCreated, ApiKeyView, NewApiKeyRequest};
use api::page::PAGE_LIMIT_MAX;
use api::{ApiError, PageRequest};
use domain::id::ApiKeyId;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

use crate::asked::asked;
use crate::clock::Clock;
use crate::components::confirm_dialog::{ConfirmDialog, Question};
use crate::components::empty_state::EmptyState;
use crate::components::key_form::{KeyForm, TypedKey};
use crate::components::key_table::KeyTable;
use crate::components::loaded::LoadedPart;
use crate::components::modal::Modal;
use crate::components::shown_once::ShownOnce;
use crate::live::Live;
use crate::notices::Notices;
use crate::server_fns::api_keys::{create_api_key, list_api_keys, revoke_api_key};

/// The section.
#[component]
pub fn KeysSection() -> impl IntoView {
    let (live, notices) = (expect_context::<Live>(), expect_context::<Notices>());
    let keys = asked(move || live.account.get(), |_| list_api_keys(PageRequest { limit: PAGE_LIMIT_MAX, cursor: None }));
    let adding = RwSignal::new(false);
    let shown = RwSignal::new(None::<ApiKeyCreated>);
    let to_confirm = RwSignal::new(None::<Question<ApiKeyId>>);
    let revoking = Action::new(move |id: &ApiKeyId| {
        let id = *id;
        async move {
            match revoke_api_key(id).await {
                Ok(key) => notices.good(format!("{} is revoked.", key.name)),
                Err(error) => notices.bad(&error),
            }
        }
    });
    let ask = Callback::new(move |key: ApiKeyView| {
        let words = "Whatever uses it is refused from now on, for ever. A new key has another secret.".to_owned();
        to_confirm.set(Some(Question { about: key.id, title: format!("Revoke {}?", key.name), words, act: "Revoke" }));
    });
    view! {
        <section class="stack">
            <div class="row between">
                <h2>"API keys"</h2>
                <button type="button" class="button primary" on:click=move |_| adding.set(true)>"Create a key"</button>
            </div>
            <KeyShown shown />
            <LoadedPart answer=keys what="API keys" view=move |page| {
                let items = Signal::derive(move || page.with(|page| page.items.clone()));
                let nothing = move || items.with(Vec::is_empty).then(none_yet);
                view! { <KeyTable keys=items revoke=ask />{nothing} }
            } />
        </section>
        <AddDialog adding shown />
        <ConfirmDialog asked=to_confirm name="revoke-key" confirm=Callback::new(move |id| drop(revoking.dispatch(id))) />
    }
    .into_any()
}

fn none_yet() -> impl IntoView {
    view! {
        <EmptyState title="No keys yet">
            <p class="quiet">"A source posts alerts with a key that has the scope alerts:write. Create one for each source."</p>
        </EmptyState>
    }
}

#[component]
fn KeyShown(shown: RwSignal<Option<ApiKeyCreated>>) -> impl IntoView {
    let read = move |part: fn(&ApiKeyCreated) -> String| shown.with(|shown| shown.as_ref().map(part).unwrap_or_default());
    let secret = Signal::derive(move || read(|created| created.key.clone()));
    let words = Signal::derive(move || {
        let name = read(|created| created.api_key.name.clone());
        format!(
            "Copy the key {name} into the program that will use it. It is not stored and cannot be shown again; if it is lost, revoke it and create another."
        )
    });
    let open = Memo::new(move |_| shown.with(Option::is_some));
    let done = Callback::new(move |()| shown.set(None));
    move || {
        open.get().then(|| view! { <ShownOnce title="API key, shown only now" words secret copy_label="Copy the key" done /> })
    }
}

#[component]
fn AddDialog(adding: RwSignal<bool>, shown: RwSignal<Option<ApiKeyCreated>>) -> impl IntoView {
    let typed = TypedKey::new();
    let refused = RwSignal::new(None::<ApiError>);
    let create = Action::new(move |request: &NewApiKeyRequest| {
        let request = request.clone();
        async move {
            match create_api_key(request).await {
                Ok(created) => {
                    typed.clear();
                    adding.set(false);
                    shown.set(Some(created));
                }
                Err(error) => refused.set(Some(error)),
            }
        }
    });
    let save = Callback::new(move |now: Timestamp| {
        refused.set(None);
        match typed.request(now) {
            Ok(request) => drop(create.dispatch(request)),
            Err(error) => refused.set(Some(error)),
        }
    });
    let close = Callback::new(move |()| adding.set(false));
    let form = move || {
        let clock = Clock::here();
        let save = Callback::new(move |()| {
            if let Some(now) = untrack(|| clock.now()) {
                save.run(now);
            }
        });
        view! { <KeyForm typed busy=create.pending() error=refused save cancel=close /> }
    };
    view! {
        <Modal open=adding close label="Create an API key" name="add-key"><Transition>{form}</Transition></Modal>
    }
    .into_any()
}
